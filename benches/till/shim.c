/* Preloaded into the measured process: counts fsync and fdatasync in a shared file, and makes
 * each one slower, so that the binary itself need not know that it is measured. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic uint64_t *calls;
static struct timespec delay;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FSYNC_COUNT_FILE");
    const char *delay_ms = getenv("FSYNC_DELAY_MS");
    if (delay_ms) {
        long ms = atol(delay_ms);
        delay.tv_sec = ms / 1000;
        delay.tv_nsec = ms % 1000 * 1000000L;
    }
    int file = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
    if (file < 0 || ftruncate(file, sizeof *calls) != 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) {
        calls = mapped;
    }
    close(file);
}

static void note(void) {
    if (calls) {
        atomic_fetch_add(calls, 1);
    }
    if (delay.tv_sec || delay.tv_nsec) {
        nanosleep(&delay, NULL);
    }
}

int fsync(int file) {
    note();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    note();
    return (int)syscall(SYS_fdatasync, file);
}
