/* SPDX-License-Identifier: BSD-2-Clause */
/* source_live.c - see source_live.h.
 *
 * Handles do not block, and their descriptors are polled: pcap_dispatch() on a blocking handle does not return while no
 * packet comes, whatever its time-out, since what that time-out ends is a block that has packets. */
#include "config.h"
#include "capture/source_live.h"

#include "base/clock.h"
#include "base/mem.h"
#include "capture/live_clock.h"
#include "capture/live_kernel.h"
#include <pcap/pcap.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What to do about packets that were joined; takes the interface's name. */
#define REMEDY "'ethtool -K %s gro off lro off tso off gso off' ends it, here and where the packets are sent"

struct interface {
	char *name;   /* owned */
	pcap_t *pcap; /* NULL when it is over */
	int fd;
	int linktype;
	bool is_down;
	double over_at;               /* it is gone: when nothing more can come of what the kernel kept; 0: it is not */
	struct dz_live_kernel kernel; /* counts, flags, what sysfs says */
	uint64_t delivered, link_changes, over_mtu;
};

struct dz_live {
	size_t count, open;
	struct pollfd *polls; /* owned: of the interfaces; fd -1 when over */
	void (*say)(void *context, const char *message);
	void *context;
	bool stopping;
	double drain_ends; /* monotonic seconds */
	double last_read;  /* the same: when there was a packet, or the stop began */
	uint64_t complete_until;
	struct dz_live_clock clock;
	/* of the call that is going on */
	dz_source_take_fn *take;
	void *take_context;
	struct interface *reading;
	bool wanted;
	struct interface interfaces[];
};

DZ_PRINTF(2, 3) static void say(const struct dz_live *live, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!live->say)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	live->say(live->context, text);
}

/* ---- opening ---- */

static bool explain(const char *name, int code, const pcap_t *pcap, struct dz_err *err)
{
	switch (code) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return dz_err_set(err, "%s: there is no such interface; -D lists them", name);
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return dz_err_set(err,
				  "%s: no permission to capture: run as root, or give the program the right to by "
				  "'setcap cap_net_raw+ep'",
				  name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return dz_err_set(err, "%s: the interface is down: 'ip link set %s up'", name, name);
	default:
		return dz_err_set(err, "%s: %s: %s", name, pcap_statustostr(code),
				  pcap_geterr((pcap_t *)(uintptr_t)pcap));
	}
}

static bool set_filter(pcap_t *pcap, const char *name, const char *filter, struct dz_err *err)
{
	struct bpf_program program;
	bool fine;

	if (!filter)
		return true;
	if (pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return dz_err_set(err, "--filter: '%s': %s (for %s)", filter, pcap_geterr(pcap), name);
	fine = pcap_setfilter(pcap, &program) == 0;
	if (!fine)
		dz_err_set(err, "--filter: '%s': %s (for %s)", filter, pcap_geterr(pcap), name);
	pcap_freecode(&program);
	return fine;
}

/* Cooked headers of the second version tell the interface's number; -i any alone can have them. */
static void choose_link_type(pcap_t *pcap)
{
	if (pcap_datalink(pcap) == DLT_LINUX_SLL)
		pcap_set_datalink(pcap, DLT_LINUX_SLL2);
}

static pcap_t *activate(const char *name, const struct dz_live_options *o, struct dz_err *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(name, why);
	int code;

	if (!pcap) {
		dz_err_set(err, "%s: %s", name, why);
		return NULL;
	}
	pcap_set_snaplen(pcap, (int)o->snaplen);
	pcap_set_promisc(pcap, o->promiscuous);
	pcap_set_timeout(pcap, DZ_LIVE_BLOCK_MS);
	pcap_set_buffer_size(pcap, (int)o->buffer_size);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	code = pcap_activate(pcap);
	if (code < 0) {
		explain(name, code, pcap, err);
		pcap_close(pcap);
		return NULL;
	}
	choose_link_type(pcap);
	if (set_filter(pcap, name, o->filter, err)) {
		if (pcap_setnonblock(pcap, 1, why) == 0)
			return pcap;
		dz_err_set(err, "%s: %s", name, why);
	}
	pcap_close(pcap);
	return NULL;
}

static bool open_interface(struct interface *in, const char *name, const struct dz_live_options *o, struct dz_err *err)
{
	in->name = dz_mem_strdup(name);
	in->fd = -1;
	dz_live_kernel_init(&in->kernel);
	in->pcap = activate(name, o, err);
	if (!in->pcap)
		return false;
	in->fd = pcap_get_selectable_fd(in->pcap);
	if (in->fd < 0)
		return dz_err_set(err, "%s: cannot be waited for", name);
	in->linktype = dz_source_linktype_of_dlt(pcap_datalink(in->pcap));
	dz_live_kernel_open(&in->kernel, in->fd, name);
	return true;
}

static void tell_offloads(const struct dz_live *live, const struct interface *in)
{
	if (*in->kernel.offloads)
		say(live,
		    "%s: offloads are on (%s): packets may be joined, and lengths then are not those of the "
		    "wire; " REMEDY,
		    in->name, in->kernel.offloads, in->name);
}

struct dz_live *dz_live_open(const struct dz_live_options *options, struct dz_err *err)
{
	struct dz_live *live = dz_mem_zalloc(1, sizeof *live + options->count * sizeof *live->interfaces);
	bool fine = true;

	live->polls = dz_mem_zalloc(options->count, sizeof *live->polls);
	dz_live_clock_init(&live->clock);
	live->say = options->say;
	live->context = options->context;
	while (fine && live->count < options->count) {
		size_t i = live->count++;
		fine = open_interface(&live->interfaces[i], options->interfaces[i], options, err);
		live->polls[i] = (struct pollfd){ .fd = live->interfaces[i].fd, .events = POLLIN };
		tell_offloads(live, &live->interfaces[i]);
	}
	live->open = live->count;
	if (fine)
		return live;
	dz_live_free(live);
	return NULL;
}

static void close_interface(struct dz_live *live, struct interface *in)
{
	if (!in->pcap)
		return;
	dz_live_kernel_update(&in->kernel, in->fd);
	pcap_close(in->pcap);
	in->pcap = NULL;
	live->polls[in - live->interfaces].fd = -1;
	live->open--;
}

void dz_live_free(struct dz_live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < live->count; i++) {
		close_interface(live, &live->interfaces[i]);
		dz_live_kernel_release(&live->interfaces[i].kernel);
		free(live->interfaces[i].name);
	}
	dz_live_clock_release(&live->clock);
	free(live->polls);
	free(live);
}

/* ---- packets ---- */

static void deliver(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct dz_live *live = (struct dz_live *)(void *)context;
	struct interface *in = live->reading;
	/* tv_usec holds nanoseconds: that precision was asked for. */
	uint64_t kernel_ns = (uint64_t)header->ts.tv_sec * 1000000000 + (uint64_t)header->ts.tv_usec;
	struct dz_frame frame = { .time_ns = dz_live_clock_steady(&live->clock, kernel_ns),
				  .caplen = header->caplen,
				  .wirelen = header->len,
				  .input = (uint32_t)(in - live->interfaces),
				  .linktype = in->linktype,
				  .bytes = bytes,
				  .interface = (uint16_t)(in - live->interfaces + 1) };

	in->delivered++;
	if (live->wanted && !live->take(live->take_context, &frame)) {
		live->wanted = false;
		pcap_breakloop(in->pcap);
	}
}

/* An interface that is gone leaves packets in a block that is not full; the kernel hands it over in its time. */
static bool is_still_kept(struct dz_live *live, struct interface *in)
{
	if (!in->over_at)
		in->over_at = dz_clock_now() + 2 * DZ_LIVE_BLOCK_MS / 1000.0;
	live->polls[in - live->interfaces].fd = -1; /* all it would tell is that it is gone */
	return dz_clock_now() < in->over_at;
}

/* What one interface has now. Its number of packets; -1 when it is over, with a message. */
static int read_interface(struct dz_live *live, struct interface *in, struct dz_err *err)
{
	int got;

	live->reading = in;
	got = pcap_dispatch(in->pcap, -1, deliver, (u_char *)live);
	if (got == PCAP_ERROR_BREAK)
		return 1;
	if (got >= 0)
		return got;
	if (is_still_kept(live, in))
		return 0;
	dz_err_set(err, "%s: %s; it is captured no longer", in->name, pcap_geterr(in->pcap));
	close_interface(live, in);
	return -1;
}

/* One round over the interfaces. DAMAGED when one is over; PACKET when there were packets; IDLE else. */
static enum dz_source_status read_round(struct dz_live *live, struct dz_err *err)
{
	enum dz_source_status status = DZ_SOURCE_IDLE;

	for (size_t i = 0; i < live->count && live->wanted; i++) {
		struct interface *in = &live->interfaces[i];
		int got = in->pcap ? read_interface(live, in, err) : 0;
		if (got < 0)
			return DZ_SOURCE_DAMAGED;
		if (got > 0)
			status = DZ_SOURCE_PACKET;
	}
	return status;
}

/* A link that goes down is told by poll() once, and then the handle is silent until it comes up. */
static void note_links(struct dz_live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		struct interface *in = &live->interfaces[i];
		bool was_down = in->is_down;
		if (!in->pcap)
			continue;
		in->is_down = dz_live_kernel_is_down(in->fd, in->name, was_down || (live->polls[i].revents & POLLERR));
		if (in->is_down == was_down)
			continue;
		in->link_changes++;
		say(live, "%s: the interface %s", in->name,
		    in->is_down ? "went down; packets are captured when it is up again" : "is up again");
	}
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The steady time; looks after steps of the kernel's clock. */
static uint64_t look_at_clock(struct dz_live *live)
{
	uint64_t monotonic = read_clock(CLOCK_MONOTONIC), real = read_clock(CLOCK_REALTIME);
	int64_t step = dz_live_clock_observe(&live->clock, real, monotonic);

	if (step)
		say(live, "the system's clock was set by %+.3f s; flows go on as if it had not been",
		    (double)step / 1e9);
	return dz_live_clock_steady(&live->clock, real);
}

/* Whether everything that the kernel kept has been read. Where its count tells nothing, it has once every block was
 * handed over. */
static bool is_read(const struct dz_live *live, struct interface *in)
{
	dz_live_kernel_update(&in->kernel, in->fd);
	return !in->kernel.known || in->delivered >= in->kernel.received - in->kernel.dropped ||
	       (in->kernel.twice && dz_clock_now() > live->last_read + 2 * DZ_LIVE_BLOCK_MS / 1000.0);
}

/* Everything that was kept has been read, or no more time is to be spent on it. */
static bool is_drained(struct dz_live *live)
{
	for (size_t i = 0; i < live->count; i++)
		if (live->interfaces[i].pcap && !is_read(live, &live->interfaces[i]))
			return dz_clock_now() > live->drain_ends;
	return true;
}

/* Milliseconds that may be waited: less when something is known to end soon. */
static int patience(const struct dz_live *live)
{
	for (size_t i = 0; i < live->count; i++) {
		if (live->interfaces[i].pcap && live->interfaces[i].over_at)
			return DZ_LIVE_BLOCK_MS / 4;
	}
	return live->stopping ? DZ_LIVE_BLOCK_MS / 4 : DZ_LIVE_WAIT_MS;
}

enum dz_source_status dz_live_each(struct dz_live *live, dz_source_take_fn *take, void *context, struct dz_err *err)
{
	double began = dz_clock_now();
	bool waited = false;

	live->take = take;
	live->take_context = context;
	live->wanted = true;
	live->complete_until = 0;
	for (;;) {
		uint64_t now = look_at_clock(live);
		enum dz_source_status status = read_round(live, err);
		if (status == DZ_SOURCE_DAMAGED)
			return status;
		if (status == DZ_SOURCE_PACKET)
			live->last_read = dz_clock_now();
		if (!live->wanted)
			return DZ_SOURCE_PACKET;
		if (!live->open)
			return DZ_SOURCE_END;
		if (status == DZ_SOURCE_IDLE && live->stopping && is_drained(live))
			return DZ_SOURCE_END;
		if (status == DZ_SOURCE_IDLE && waited) {
			/* The kernel may still fill blocks that are younger. */
			live->complete_until = now - 2 * UINT64_C(1000000) * DZ_LIVE_BLOCK_MS;
			return DZ_SOURCE_IDLE;
		}
		if (dz_clock_now() - began > DZ_LIVE_BLOCK_MS / 1000.0 && status == DZ_SOURCE_PACKET)
			return DZ_SOURCE_IDLE;
		if (status == DZ_SOURCE_IDLE) {
			(void)poll(live->polls, live->count, patience(live)); /* a signal ends the waiting, too */
			note_links(live);
			waited = true;
		}
	}
}

void dz_live_stop(struct dz_live *live)
{
	if (live->stopping)
		return;
	live->stopping = true;
	live->last_read = dz_clock_now();
	live->drain_ends = live->last_read + DZ_LIVE_DRAIN_MS / 1000.0;
	for (size_t i = 0; i < live->count; i++) {
		if (live->interfaces[i].pcap)
			dz_live_kernel_reject_all(live->interfaces[i].fd);
	}
}

/* ---- what is known of them ---- */

uint64_t dz_live_wall_time(struct dz_live *live, uint64_t steady_ns)
{
	return dz_live_clock_wall(&live->clock, steady_ns);
}

uint64_t dz_live_clock_steps(const struct dz_live *live)
{
	return atomic_load(&live->clock.count);
}

uint64_t dz_live_complete_until(const struct dz_live *live)
{
	return live->complete_until;
}

void dz_live_counts(struct dz_live *live, size_t interface, struct dz_interface_counts *counts)
{
	struct interface *in = &live->interfaces[interface];

	if (in->pcap)
		dz_live_kernel_update(&in->kernel, in->fd);
	*counts = (struct dz_interface_counts){ .twice = in->kernel.twice,
						.received = in->kernel.known ? in->kernel.received : in->delivered,
						.dropped = in->kernel.dropped,
						.dropped_by_interface = in->kernel.dropped_by_interface,
						.delivered = in->delivered,
						.link_changes = in->link_changes,
						.over_mtu = in->over_mtu };
}

void dz_live_note_length(struct dz_live *live, size_t interface, uint32_t length)
{
	struct interface *in = &live->interfaces[interface];

	if (!in->kernel.mtu || length <= in->kernel.mtu)
		return;
	if (!in->over_mtu++)
		say(live,
		    "%s: packets longer than the MTU of %u: network card or kernel joined them, so lengths are not "
		    "those of the wire; " REMEDY,
		    in->name, in->kernel.mtu, in->name);
}

const char *dz_live_interface_name(const struct dz_live *live, uint16_t interface)
{
	return interface && interface <= live->count ? live->interfaces[interface - 1].name : NULL;
}

const char *dz_live_link_description(const struct dz_live *live, size_t interface)
{
	const pcap_t *pcap = live->interfaces[interface].pcap;
	const char *text = pcap ? pcap_datalink_val_to_description(pcap_datalink((pcap_t *)(uintptr_t)pcap)) : NULL;

	return text ? text : "unknown link type";
}

static const char *link_of(const char *name)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_create(name, why);
	const char *text = NULL;

	if (pcap && pcap_activate(pcap) >= 0)
		text = pcap_datalink_val_to_description(pcap_datalink(pcap));
	if (pcap)
		pcap_close(pcap);
	return text ? text : "?";
}

bool dz_live_list(void (*line)(void *context, const char *text), void *context, struct dz_err *err)
{
	char why[PCAP_ERRBUF_SIZE], text[256];
	pcap_if_t *all;

	if (pcap_findalldevs(&all, why) != 0)
		return dz_err_set(err, "interfaces cannot be listed: %s", why);
	for (const pcap_if_t *i = all; i; i = i->next) {
		snprintf(text, sizeof text, "%s\t%s\t%s", i->name, i->flags & PCAP_IF_UP ? "up" : "down",
			 link_of(i->name));
		line(context, text);
	}
	pcap_freealldevs(all);
	return true;
}
