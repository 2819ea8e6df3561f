#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/plan.h"
#include "ctl/ctl.h"
#include "ctl/release.h"
#include "os/file.h"
#include "wire/plan_json.h"

static bool check(const char *path, struct blob *out, struct err *err)
{
	struct plan *plan;

	if (!file_read(path, PLAN_JSON_MAX, out, err))
		return false;
	plan = plan_from_json(path, out->bytes, out->len, err);
	if (!plan)
		return false;
	fprintf(stderr, "%s: ok: %s %s, %zu initiatives\n", path, plan->city, plan->title,
		plan->initiative_count);
	plan_free(plan);
	return true;
}

static bool publish(struct ctl *ctl, struct blob *plan, struct err *err)
{
	CLEANUP(release_done) struct release release = {0};

	if (!release_open(&release, ctl, err))
		return false;
	free(release.plan);
	release.plan = plan->bytes;
	release.plan_len = plan->len;
	plan->bytes = NULL;
	return ctl_confirm(ctl, "Show this plan on the screens?", err) &&
	       release_publish(&release, err);
}

bool verb_plan(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(blob_free) struct blob plan = {0};
	bool publishing = argc == 3 && strcmp(argv[1], "publish") == 0;

	if (!publishing && !(argc == 3 && strcmp(argv[1], "check") == 0))
		return err_set(err, ERR_USAGE, "usage: plan check FILE | publish FILE");
	return check(argv[2], &plan, err) && (!publishing || publish(ctl, &plan, err));
}
