/* main.c - from the first word of the command line to its subcommand. Only main exits. */
#include "config.h"

#include <stdio.h>

int main(void)
{
	puts("distribooze " VERSION);
	return 0;
}
