#include "sync/backoff.h"

#define FIRST_MS 1000
#define LAST_MS  60000

struct span_ms backoff_next(struct backoff *backoff, uint32_t random)
{
	int64_t whole = FIRST_MS;

	for (int i = 0; i < backoff->failures && whole < LAST_MS; i++)
		whole *= 2;
	if (whole > LAST_MS)
		whole = LAST_MS;
	else
		backoff->failures++;
	return (struct span_ms){whole / 2 +
				(int64_t)(random % (uint32_t)(whole / 2 + 1))};
}
