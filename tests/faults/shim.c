/* SPDX-License-Identifier: BSD-2-Clause */
/* shim.c - a library for LD_PRELOAD that lets one call of a kind fail.
 *
 *   FAULT_KIND    alloc, read, write, open, close, thread, rename, sync, stat
 *   FAULT_AT      which call of that kind, counted from 1; 0 counts only
 *   FAULT_ERRNO   the number it fails with
 *   FAULT_OWN     set: only calls out of the program itself count, not those of its libraries
 *   FAULT_REPORT  a file, into which how many calls there were is written when the program ends or the fault is struck
 *
 * glibc only: its allocator has other names beside. Built and used by drive.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static const char *kind = "none", *report;
static long at, number;
static bool own, ready;
static atomic_long calls;
static uintptr_t begin, end;

static void tell(bool struck)
{
	char text[64];
	int fd, size;

	if (!report)
		return;
	size = snprintf(text, sizeof text, "%ld %d\n", (long)calls, struck);
	fd = (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return;
	syscall(SYS_write, fd, text, size);
	syscall(SYS_close, fd);
}

/* The first object that is loaded is the program. */
static int take_program(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size, (void)context;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		uintptr_t to = from + info->dlpi_phdr[i].p_memsz;
		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		begin = !begin || from < begin ? from : begin;
		end = to > end ? to : end;
	}
	return 1;
}

__attribute__((constructor)) static void start(void)
{
	if (getenv("FAULT_KIND"))
		kind = getenv("FAULT_KIND");
	at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
	number = getenv("FAULT_ERRNO") ? atol(getenv("FAULT_ERRNO")) : EIO;
	own = getenv("FAULT_OWN") != NULL;
	report = getenv("FAULT_REPORT");
	dl_iterate_phdr(take_program, NULL);
	ready = true;
}

__attribute__((destructor)) static void finish(void)
{
	if (!at || calls < at)
		tell(false);
}

static bool strikes(const char *what, void *caller)
{
	if (!ready || strcmp(what, kind) != 0 || (own && ((uintptr_t)caller < begin || (uintptr_t)caller >= end)))
		return false;
	if (atomic_fetch_add(&calls, 1) + 1 != at)
		return false;
	tell(true);
	errno = (int)number;
	return true;
}
#define STRIKES(what) strikes(what, __builtin_return_address(0))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void *malloc(size_t size)
{
	return STRIKES("alloc") ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
	return STRIKES("alloc") ? NULL : __libc_calloc(count, size);
}
void *realloc(void *block, size_t size)
{
	return STRIKES("alloc") ? NULL : __libc_realloc(block, size);
}
int posix_memalign(void **block, size_t alignment, size_t size)
{
	void *got = STRIKES("alloc") ? NULL : __libc_memalign(alignment, size);
	if (got)
		*block = got;
	return got ? 0 : ENOMEM;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	return STRIKES("write") ? -1 : REAL(write)(fd, bytes, size);
}
ssize_t read(int fd, void *bytes, size_t size)
{
	return STRIKES("read") ? -1 : REAL(read)(fd, bytes, size);
}
ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room)
{
	(void)room;
	return STRIKES("read") ? -1 : REAL(read)(fd, bytes, size);
}

#define OPEN(call, ...)                                                                                                \
	{                                                                                                              \
		mode_t mode = 0;                                                                                       \
		if (flags & (O_CREAT | O_TMPFILE)) {                                                                   \
			va_list list;                                                                                  \
			va_start(list, flags);                                                                         \
			mode = va_arg(list, mode_t);                                                                   \
			va_end(list);                                                                                  \
		}                                                                                                      \
		return STRIKES("open") ? -1 : REAL(call)(__VA_ARGS__, mode);                                           \
	}
int open(const char *path, int flags, ...) OPEN(open, path, flags) int open64(const char *path, int flags, ...)
	OPEN(open64, path, flags) int openat(int folder, const char *path, int flags, ...)
		OPEN(openat, folder, path, flags) FILE *fopen(const char *path, const char *mode)
{
	return STRIKES("open") ? NULL : REAL(fopen)(path, mode);
}
FILE *fopen64(const char *path, const char *mode)
{
	return STRIKES("open") ? NULL : REAL(fopen64)(path, mode);
}

/* The descriptor is gone even where closing fails, as Linux does it. */
int close(int fd)
{
	bool struck = STRIKES("close");
	int result = REAL(close)(fd);
	if (struck)
		errno = (int)number;
	return struck ? -1 : result;
}
int rename(const char *from, const char *to)
{
	return STRIKES("rename") ? -1 : REAL(rename)(from, to);
}
int fsync(int fd)
{
	return STRIKES("sync") ? -1 : REAL(fsync)(fd);
}
int stat(const char *restrict path, struct stat *restrict status)
{
	return STRIKES("stat") ? -1 : REAL(stat)(path, status);
}
int fstat(int fd, struct stat *status)
{
	return STRIKES("stat") ? -1 : REAL(fstat)(fd, status);
}
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context)
{
	return STRIKES("thread") ? (int)number : REAL(pthread_create)(thread, attributes, run, context);
}
