/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.c - which system calls can be made, by seccomp(2) through libseccomp.
 *
 * An allow-list: what reading, working and writing take, and what the C library does underneath. What is not on it
 * traps, and the handler says which call it was; its signal can be given no other handler. */
#include "config.h"
#include "sandbox/sandbox_internal.h"

#ifdef HAVE_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/sched.h>
#endif

enum { CALLS = 512 };

static void add_text(const char *text)
{
	ssize_t written = write(STDERR_FILENO, text, strlen(text));
	(void)written;
}

/* What the handler needs: it may be called with malloc()'s lock held, as fork() holds it. Filled once, never freed. */
static char *call_names[CALLS];

static void look_names_up(void)
{
	for (int i = 0; i < CALLS; i++)
		call_names[i] = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), i);
}

static void name_the_call(int signal_number, siginfo_t *info, void *context)
{
	int call = info->si_syscall;

	(void)signal_number;
	(void)context;
	add_text("distribooze: the sandbox forbids the system call ");
	add_text(call >= 0 && call < CALLS && call_names[call] ? call_names[call] : "(unknown)");
	add_text("; --no-sandbox does without it, and a report of this is welcome\n");
	_exit(DZ_SANDBOX_EXIT);
}

/* Names, as libraries and architectures differ in which of them they use; one that an architecture has not got is
 * passed over. */
static const char *const always[] = {
	/* bytes */
	"read", "readv", "pread64", "write", "writev", "pwrite64", "lseek", "_llseek", "close", "close_range", "fstat",
	"fstat64", "newfstatat", "fstatat64", "stat", "lstat", "statx", "fcntl", "fcntl64", "dup", "dup2", "dup3",
	"pipe", "pipe2", "poll", "ppoll", "ppoll_time64", "select", "pselect6", "pselect6_time64", "fsync", "fdatasync",
	"ftruncate", "ftruncate64", "fadvise64", "fadvise64_64", "copy_file_range", "sendfile",
	/* memory */
	"brk", "munmap", "mremap", "madvise", "mincore", "membarrier",
	/* threads */
	"futex", "futex_time64", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "gettid", "getpid",
	"sched_yield", "sched_getaffinity", "exit", "exit_group", "getrusage", "prlimit64", "getrlimit", "ugetrlimit",
	/* signals */
	"rt_sigreturn", "sigreturn", "rt_sigprocmask", "rt_sigtimedwait", "tgkill", "restart_syscall", "sigaltstack",
	/* time and chance */
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep",
	"gettimeofday", "time", "getrandom", "sysinfo", "uname",
	/* who am I */
	"getuid", "geteuid", "getgid", "getegid", "getuid32", "geteuid32", "getgid32", "getegid32"
};

/* Opening: Landlock says what. */
static const char *const opening[] = { "open",   "openat",    "openat2",    "readlink",   "readlinkat",
				       "access", "faccessat", "faccessat2", "getdents64", "getcwd" };

/* Where files are made anew, renamed and removed. */
static const char *const replacing[] = { "rename",   "renameat", "renameat2", "fchown", "fchown32", "unlink",
					 "unlinkat", "fchmod",   "fchmodat",  "chmod",  "umask",    "flock" };

/* Packet sockets that are open, and a datagram to the service manager. */
static const char *const packets[] = { "getsockopt", "getsockname", "setsockopt", "recvfrom",
				       "recvmsg",    "sendto",      "sendmsg" };

#define COUNT(list) (sizeof(list) / sizeof *(list))

static int allow_names(scmp_filter_ctx ctx, const char *const *names, size_t count)
{
	int code = 0;

	for (size_t i = 0; !code && i < count; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);
		if (number >= 0)
			code = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
	}
	return code;
}

/* Memory, but none that runs. */
static int allow_memory(scmp_filter_ctx ctx)
{
	static const char *const names[] = { "mmap", "mmap2", "mprotect" };
	int code = 0;

	for (size_t i = 0; !code && i < COUNT(names); i++) {
		int number = seccomp_syscall_resolve_name(names[i]);
		if (number >= 0)
			code = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 1,
						SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	}
	return code;
}

/* Threads, but no processes. The flags of clone3() are behind a pointer: the C library takes clone() when there is
 * none. */
static int allow_threads(scmp_filter_ctx ctx)
{
	int code = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	int clone3 = seccomp_syscall_resolve_name("clone3");

	if (!code && clone3 >= 0)
		code = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), clone3, 0);
	if (!code) /* all handlers but this one */
		code = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1,
					SCMP_A0(SCMP_CMP_NE, SIGSYS, 0));
	return code;
}

/* When a thread gives memory back glibc looks at /proc/sys/vm/overcommit_memory, and at its first memory perhaps for
 * the number of processors; it does without both. What else is opened was not to be, and is trapped. */
static int refuse_looks(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_CLOEXEC, O_RDONLY | O_CLOEXEC));
}

/* Is it a terminal, how wide is it, how much is there to read. */
static int allow_terminals(scmp_filter_ctx ctx)
{
	static const unsigned long requests[] = { TCGETS, TIOCGWINSZ, FIONREAD };
	int code = 0;

	for (size_t i = 0; !code && i < COUNT(requests); i++)
		code = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, requests[i], 0));
	return code;
}

static int add_rules(scmp_filter_ctx ctx, const struct dz_sandbox_config *config)
{
	int code = allow_names(ctx, always, COUNT(always));

	if (!code)
		code = allow_memory(ctx);
	if (!code)
		code = allow_threads(ctx);
	if (!code)
		code = allow_terminals(ctx);
	if (!code && (config->readable_count || config->writable_count))
		code = allow_names(ctx, opening, COUNT(opening));
	else if (!code)
		code = refuse_looks(ctx);
	if (!code && config->writable_count)
		code = allow_names(ctx, replacing, COUNT(replacing));
	if (!code && config->no_names)
		code = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0);
	if (!code && config->live)
		code = allow_names(ctx, packets, COUNT(packets));
	if (!code && config->live) /* libpcap asks whether the interface is still there */
		code = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, SIOCGIFFLAGS, 0));
	return code;
}

enum dz_sandbox_outcome dz_sandbox_seccomp(const struct dz_sandbox_config *config, const char **why, struct dz_err *err)
{
	struct sigaction action = { .sa_sigaction = name_the_call, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	int code = ctx ? add_rules(ctx, config) : -ENOMEM;

	/* Where seccomp(2) is refused, as in some containers, libseccomp knows of no TSYNC. */
	if (!code && seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) == -EOPNOTSUPP) {
		seccomp_release(ctx);
		*why = "the kernel or a container refuses it";
		return DZ_SANDBOX_ABSENT;
	}
	if (code) {
		seccomp_release(ctx);
		dz_err_set(err, "the sandbox: seccomp: %s", strerror(-code));
		return DZ_SANDBOX_FAILED;
	}
	look_names_up();
	sigemptyset(&action.sa_mask);
	sigaction(SIGSYS, &action, NULL);
	code = seccomp_load(ctx);
	seccomp_release(ctx);
	if (code) {
		*why = strerror(-code);
		return DZ_SANDBOX_ABSENT;
	}
	return DZ_SANDBOX_ON;
}

#else

enum dz_sandbox_outcome dz_sandbox_seccomp(const struct dz_sandbox_config *config, const char **why, struct dz_err *err)
{
	(void)config;
	(void)err;
	*why = "not in this build";
	return DZ_SANDBOX_ABSENT;
}

#endif
