/* plan.json: a document, or an error that says why not. */
#include "core/err.h"
#include "core/plan.h"
#include "fuzz/fuzz.h"
#include "wire/plan_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct plan *plan = plan_from_json("plan.json", data, size, &err);

	must_hold(plan || (err.code != ERR_NONE && err.text[0] != '\0'));
	plan_free(plan);
	return 0;
}
