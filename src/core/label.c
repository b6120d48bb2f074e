/* label.c - see label.h. */
#include "config.h"
#include "distribooze/label.h"

#include <stdlib.h>

void dz_label_release(struct dz_label *label)
{
	free(label->detail);
	label->detail = NULL;
}
