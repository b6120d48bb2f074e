/* SPDX-License-Identifier: BSD-2-Clause */
/* bare_read.c - the floor of reading: libpcap hands over every packet, and nothing is done with it but adding up. */
#include "config.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	uint64_t packets = 0, sum = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: bare_read CAPTURE\n");
		return 2;
	}
	FILE *stream = fopen(argv[1], "rb");
	if (!stream) {
		perror(argv[1]);
		return 1;
	}
	setvbuf(stream, NULL, _IOFBF, 1 << 18);
	pcap_t *pcap = pcap_fopen_offline(stream, reason);
	if (!pcap) {
		fprintf(stderr, "%s: %s\n", argv[1], reason);
		return 1;
	}
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		packets++;
		sum += header->len + bytes[0];
	}
	pcap_close(pcap);
	printf("%" PRIu64 " packets, %" PRIu64 "\n", packets, sum);
	return 0;
}
