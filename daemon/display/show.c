#include "display/show.h"

#include <stdlib.h>

#include "display/set.h"
#include "render/canvas.h"

struct show *show_free(struct show *show)
{
	if (!show)
		return NULL;
	canvas_free(show->canvas);
	set_unref(show->set);
	free(show);
	return NULL;
}

const struct notice *show_notice(const struct show *show)
{
	return set_notice(show->set, show->item_id);
}
