/* Preloaded: the n-th write, sync or change of a name below a folder fails with EIO, as on a dying disk.

   A failed write leaves half of itself. A failed sync is said on standard output, so that whoever replays the
   calls knows that what it was to make durable may never be: the kernel marks such pages as clean. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int armed, count, nth, again;

void fault_arm(int n, int on) { count = 0, nth = n, again = on, armed = 1; }

/* Returns whether nothing failed since. */
int fault_disarm(void) { armed = 0; return count < nth; }

static int below(const char *path) {
  const char *folder = getenv("FAULT_FOLDER");
  return folder && !strncmp(path, folder, strlen(folder));
}

static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  path[n < 0 ? 0 : n] = 0;
  return below(path);
}

static int due(void) {
  count++;
  if (count < nth || (count > nth && !again)) return 0;
  errno = EIO;
  return 1;
}

static int fails(int fd, char *path) { return armed && path_of(fd, path) && due(); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define SYNC(name)                                                                                              \
  int name(int fd) {                                                                                            \
    char path[PATH_MAX];                                                                                        \
    if (!fails(fd, path)) return REAL(name)(fd);                                                                \
    dprintf(1, "LOST %s\n", path);                                                                              \
    errno = EIO;                                                                                                \
    return -1;                                                                                                  \
  }

SYNC(fsync)
SYNC(fdatasync)

#define PWRITE(name, offset_t)                                                                                  \
  ssize_t name(int fd, const void *from, size_t n, offset_t at) {                                               \
    char path[PATH_MAX];                                                                                        \
    if (!fails(fd, path)) return REAL(name)(fd, from, n, at);                                                   \
    REAL(name)(fd, from, n / 2, at);                                                                            \
    errno = EIO;                                                                                                \
    return -1;                                                                                                  \
  }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *from, size_t n) {
  char path[PATH_MAX];
  if (!fails(fd, path)) return REAL(write)(fd, from, n);
  REAL(write)(fd, from, n / 2);
  errno = EIO;
  return -1;
}

#define TRUNCATE(name, offset_t)                                                                                \
  int name(int fd, offset_t length) {                                                                           \
    char path[PATH_MAX];                                                                                        \
    return fails(fd, path) ? -1 : REAL(name)(fd, length);                                                       \
  }

TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int unlink(const char *path) { return armed && below(path) && due() ? -1 : REAL(unlink)(path); }

int link(const char *from, const char *to) { return armed && below(to) && due() ? -1 : REAL(link)(from, to); }

int linkat(int a, const char *from, int b, const char *to, int flags) {
  return armed && below(to) && due() ? -1 : REAL(linkat)(a, from, b, to, flags);
}

int rename(const char *from, const char *to) {
  return armed && below(to) && due() ? -1 : REAL(rename)(from, to);
}
