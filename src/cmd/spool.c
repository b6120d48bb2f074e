/* SPDX-License-Identifier: BSD-2-Clause */
/* spool.c - see spool.h. */
#include "config.h"
#include "cmd/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct head {
	uint32_t tag, size;
};

static bool open_file(struct dz_spool *spool, struct dz_err *err)
{
	const char *folder = getenv("TMPDIR");
	struct dz_strbuf path;
	int fd;

	dz_strbuf_init(&path);
	dz_strbuf_addf(&path, "%s/distribooze-XXXXXX", folder && *folder ? folder : "/tmp");
	fd = mkostemp(path.data, O_CLOEXEC);
	if (fd >= 0) {
		unlink(path.data);
		spool->file = fdopen(fd, "w+");
	}
	if (!spool->file)
		dz_err_set(err, "%s: no temporary file: %s", path.data, strerror(errno));
	dz_strbuf_release(&path);
	return spool->file != NULL;
}

bool dz_spool_put(struct dz_spool *spool, uint32_t tag, const char *bytes, size_t size, struct dz_err *err)
{
	struct head head = { tag, (uint32_t)size };

	if (!spool->file && !open_file(spool, err))
		return false;
	if (fwrite(&head, sizeof head, 1, spool->file) == 1 && fwrite(bytes, 1, size, spool->file) == size)
		return true;
	return dz_err_set(err, "the temporary file cannot be written: %s", strerror(errno));
}

bool dz_spool_rewind(struct dz_spool *spool, struct dz_err *err)
{
	if (!spool->file || (!fflush(spool->file) && !fseeko(spool->file, 0, SEEK_SET)))
		return true;
	return dz_err_set(err, "the temporary file cannot be written: %s", strerror(errno));
}

bool dz_spool_next(struct dz_spool *spool, uint32_t *tag, struct dz_strbuf *bytes, struct dz_err *err)
{
	struct head head;

	err->text[0] = '\0';
	dz_strbuf_clear(bytes);
	if (!spool->file || fread(&head, sizeof head, 1, spool->file) != 1) {
		if (spool->file && ferror(spool->file))
			dz_err_set(err, "the temporary file cannot be read: %s", strerror(errno));
		return false;
	}
	dz_strbuf_reserve(bytes, head.size);
	if (fread(bytes->data, 1, head.size, spool->file) != head.size)
		return dz_err_set(err, "the temporary file cannot be read: %s", strerror(errno));
	bytes->size = head.size;
	bytes->data[bytes->size] = '\0';
	*tag = head.tag;
	return true;
}

void dz_spool_release(struct dz_spool *spool)
{
	if (spool->file)
		fclose(spool->file);
	spool->file = NULL;
}
