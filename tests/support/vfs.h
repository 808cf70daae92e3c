// A disk in memory whose power can be cut, as SQLite VFS "powercut". What was written but
// not synced is then dropped, kept or torn at 512 bytes, by seed. One disk for the process;
// one thread; one connection to each file, as the store has it.
#ifndef TESTS_SUPPORT_VFS_H
#define TESTS_SUPPORT_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VFS_NAME "powercut"

void vfs_register(void); // any number of times
void vfs_wipe(void);     // an empty disk, power on, no cut planned

// Writes, truncations, syncs and deletions count as operations. The operation after `ops`
// more is cut: it may come true in part, it fails, and so does everything until
// vfs_power_on. ops < 0: no cut.
void vfs_cut_after(long ops);
long vfs_ops(void); // since the last vfs_cut_after or vfs_power_on
bool vfs_is_off(void);
// Settles what was not synced, by seed. Files must be closed. Returns how many sectors that
// had been written are not there.
size_t vfs_power_on(uint64_t seed);

// All files together may hold so many bytes; writes beyond fail with SQLITE_FULL. 0: no end.
void vfs_limit(size_t bytes);
size_t vfs_used(void);
// The sync after `after` more fails, and count - 1 after that. As on Linux what was not
// written is then dropped, kept or torn by seed, and still read back: only a power cut
// shows what is gone. after < 0: none fails.
void vfs_fail_syncs(long after, long count, uint64_t seed);
// Does any file whose name holds `name` hold these bytes?
bool vfs_holds(const char *name, const void *bytes, size_t len);

// Remembers the disk as it is now, all of it counted as synced; and brings it back.
void vfs_save(void);
void vfs_restore(void);
void vfs_finish(void); // frees everything

#endif
