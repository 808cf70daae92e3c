// Disks in memory for many machines, as one SQLite VFS. A path belongs to the disk whose
// number is the name of its folder (".../03/x.db"); one without a folder to disk 0. One
// thread; one connection to each file, as the store has it. What is written lives in "now",
// what is synced also in "safe"; a power cut leaves of the difference what the seed says,
// sector by sector.
#ifndef TESTS_SUPPORT_DISK_H
#define TESTS_SUPPORT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_VFS "simdisk"

enum { DISKS_MAX = 24 };

void disk_register(void); // any number of times
// SQLite's default from now on, so that its own chance comes from here too, by seed.
void disk_be_default(uint64_t seed);
// Empty, power on, nothing planned. Every disk wants it before its first use.
void disk_wipe(size_t disk);
void disk_finish(void); // frees everything

// Writes, truncations, syncs and deletions count as operations. The operation after `ops`
// more is cut: it may come true in part, it fails, and so does everything until
// disk_power_on. ops < 0: no cut.
void disk_cut_after(size_t disk, long ops);
long disk_ops(size_t disk); // since the last disk_cut_after or disk_power_on
bool disk_is_off(size_t disk);
// Every operation fails from now on, and works again: around the close of a program that
// was killed, which must not write any more.
void disk_freeze(size_t disk);
void disk_thaw(size_t disk);
// Settles what was not synced: dropped, kept, or torn at 512 bytes. Files must be closed.
// Returns how many sectors that had been written are not there.
size_t disk_power_on(size_t disk, uint64_t seed);

// Files may grow by so many bytes more, then writes fail with SQLITE_FULL; disk_free ends
// it. What files give back can be had again, unless others share the disk and take it.
void disk_fill(size_t disk, size_t bytes, bool is_shared);
void disk_free(size_t disk);
// The sync after `after` more fails, and count - 1 after that. As on Linux what was not
// written is gone, yet still read back: only a power cut shows it. By seed some of it is
// kept or torn; with seed 0 nothing is kept.
void disk_fail_syncs(size_t disk, unsigned after, unsigned count, uint64_t seed);
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
