#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/plan.h"
#include "ctl/ctl.h"
#include "ctl/plan_changes.h"
#include "ctl/release.h"
#include "ctl/results.h"
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

/*
 * Publishes @file, or the plan in force again when NULL. Results are those that staff entered,
 * not any that the file may hold: they have a history, and the file has none.
 */
static bool publish(struct ctl *ctl, const struct blob *file, struct err *err)
{
	CLEANUP(release_done) struct release release = {0};
	CLEANUP(blob_free) struct blob merged = {0};
	size_t changes = 0;

	if (!release_open(&release, ctl, err))
		return false;
	merged.bytes =
		results_merge(ctl, file ? file->bytes : release.plan,
			      file ? file->len : release.plan_len, &merged.len, err);
	if (!merged.bytes || !plan_changes_show(release.plan, release.plan_len,
						merged.bytes, merged.len, &changes, err))
		return false;
	if (changes == 0)
		puts("nothing in the plan changes");
	free(release.plan);
	release.plan = merged.bytes;
	release.plan_len = merged.len;
	merged.bytes = NULL;
	return release_confirm(&release, "Show this plan on the screens?", err) &&
	       release_publish(&release, err);
}

bool verb_plan(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(blob_free) struct blob plan = {0};
	bool publishing = argc == 3 && strcmp(argv[1], "publish") == 0;
	bool result = argc > 1 && strcmp(argv[1], "result") == 0;

	if (result && argc == 3 && strcmp(argv[2], "publish") == 0)
		return publish(ctl, NULL, err);
	if (result)
		return results_command(ctl, argc - 1, argv + 1, err);
	if (!publishing && !(argc == 3 && strcmp(argv[1], "check") == 0))
		return err_set(err, ERR_USAGE,
			       "usage: plan check FILE | publish FILE | result …");
	return check(argv[2], &plan, err) && (!publishing || publish(ctl, &plan, err));
}
