// Disks in memory for many machines, as SQLite's default VFS: SQLite's own chance comes from
// here too. A path belongs to the disk whose number is the name of its folder (".../03/x.db").
// One thread; one connection to each file, as the store has it. What is written lives in
// "now", what is synced also in "safe"; a power cut leaves of the difference what the seed
// says, sector by sector.
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_VFS "simdisk"

enum { DISKS_MAX = 24 };

void disk_register(uint64_t seed); // any number of times; seeds SQLite's chance anew
void disk_wipe(size_t disk);       // empty, power on, nothing planned
void disk_finish(void);            // frees everything

// Writes, truncations, syncs and deletions count as operations. The operation after `ops`
// more is cut: it may come true in part, it fails, and so does everything until
// disk_power_on. ops < 0: no cut.
void disk_cut_after(size_t disk, long ops);
bool disk_is_off(size_t disk);
// Every operation fails from now on, and works again: around the close of a program that
// was killed, which must not write any more.
void disk_freeze(size_t disk);
void disk_thaw(size_t disk);
// Settles what was not synced: dropped, kept, or torn at 512 bytes. Files must be closed.
// Returns how many sectors that had been written are not there.
size_t disk_power_on(size_t disk, uint64_t seed);

// No file may grow beyond what is there now plus bytes; disk_free ends it.
void disk_fill(size_t disk, size_t bytes);
void disk_free(size_t disk);
// The next syncs fail with EIO and make nothing durable.
void disk_fail_syncs(size_t disk, unsigned count);
bool disk_is_filled(size_t disk);
// Did a sync fail since disk_forget_failure?
bool disk_has_failed(size_t disk);
void disk_forget_failure(size_t disk);

// The files as a reader of the card would find them. disk_image_free(NULL) is fine.
struct disk_image;
struct disk_image *disk_image_take(size_t disk);
void disk_image_put(const struct disk_image *image, size_t disk); // over what is there
void disk_image_free(struct disk_image *image);

// Is the text anywhere in the files, free pages and log included?
bool disk_has_text(size_t disk, const char *text);

#endif
