/* ekimaectl screen list, show: how the screens are. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "sync/http.h"
#include "wire/json.h"

#define LIST_COLUMNS 13
#define ROWS_MAX     100 /* gaps, rows in quarantine */
#define REASON_MAX   1000

/* --- list ---------------------------------------------------------------------------- */

static bool put(struct arena *arena, const char **cell, const char *words,
		struct err *err)
{
	*cell = arena_strdup(arena, words);
	return *cell || err_set(err, ERR_NO_MEMORY, "out of memory");
}

static bool fill_row(const struct screen_view *view, struct arena *arena,
		     const char **row, struct err *err)
{
	char words[LIST_COLUMNS][SCREEN_WORDS];

	for (size_t i = 0; i < LIST_COLUMNS; i++)
		snprintf(words[i], SCREEN_WORDS, "–");
	snprintf(words[0], SCREEN_WORDS, "%.*s", SCREEN_WORDS - 1, view->id);
	snprintf(words[1], SCREEN_WORDS, "%.*s", SCREEN_WORDS - 1, view->place);
	snprintf(words[2], SCREEN_WORDS, "%s%s", screen_state_words(view->state),
		 view->counts ? "" : "（対象外）");
	if (view->reported) {
		snprintf(words[3], SCREEN_WORDS, "%" PRId64,
			 view->health.programme_version);
		screen_set_words(view, words[4]);
		screen_clock_words(view, words[5]);
		screen_disk_words(&view->health, words[6]);
		screen_heat_words(&view->health, words[7]);
		snprintf(words[8], SCREEN_WORDS, "%s",
			 screen_output_words(view->health.output));
		screen_frame_words(view, words[9]);
	}
	screen_contact_words(view, words[10]);
	screen_upload_words(view, words[11]);
	screen_alarm_words(view->alarms, words[12]);
	for (size_t i = 0; i < LIST_COLUMNS; i++)
		if (!put(arena, &row[i], words[i], err))
			return false;
	return true;
}

static bool print_list(struct json_node *root, struct err *err)
{
	static const char *const head[LIST_COLUMNS] = {
		"画面",       "設置場所",   "状態", "番組", "設定",
		"時計",       "空き容量",   "温度", "出力", "最後の描画",
		"最後の連絡", "記録の受信", "警報"};
	struct json_node items, item;
	struct arena *arena;
	const char **cells;
	int64_t timestamp;
	size_t count;
	bool fine;

	if (!json_get_int(root, "timestamp", 0, INT64_MAX, &timestamp, err) ||
	    !json_get_array(root, "screens", SCREENS_MAX, &items, &count, err))
		return false;
	arena = arena_new((count + 1) * LIST_COLUMNS * (SCREEN_WORDS + 32));
	cells = arena ? arena_array(arena, (count + 1) * LIST_COLUMNS, sizeof(*cells))
		      : NULL;
	fine = cells || err_set(err, ERR_NO_MEMORY, "out of memory");
	if (fine)
		memcpy(cells, head, sizeof(head));
	for (size_t i = 0; fine && i < count; i++) {
		struct screen_view view;

		fine = json_item_object(&items, i, &item, err) &&
		       screen_view_read(&item, timestamp, &view, err) &&
		       fill_row(&view, arena, cells + (i + 1) * LIST_COLUMNS, err);
	}
	if (fine)
		ctl_print_table(cells, count + 1, LIST_COLUMNS);
	arena_free(arena);
	return fine;
}

/* Calls @path, and prints the answer as it is, or by @print. */
static bool call(struct ctl *ctl, const char *path,
		 bool (*print)(struct json_node *root, struct err *err), struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	struct json_doc *doc;
	struct json_node root;
	bool fine;

	if (!ctl_send(ctl, "GET", path, NULL, 0, &response, err))
		return false;
	if (ctl->json) {
		puts(response.body);
		return true;
	}
	doc = json_parse("screens", response.body, response.body_len, CTL_ANSWER_MAX,
			 err);
	fine = doc && json_root(doc, &root, err) && print(&root, err);
	json_doc_free(doc);
	return fine;
}

bool screen_list(struct ctl *ctl, struct err *err)
{
	return call(ctl, "screens", print_list, err);
}

/* --- show ---------------------------------------------------------------------------- */

static bool print_gaps(const struct json_node *gaps, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct json_node gap;
		int64_t first, last;

		if (!json_item_object(gaps, i, &gap, err) ||
		    !json_get_int(&gap, "first", 1, INT64_MAX, &first, err) ||
		    !json_get_int(&gap, "last", 1, INT64_MAX, &last, err))
			return false;
		printf("  未着 %" PRId64 "–%" PRId64 "\n", first, last);
	}
	return true;
}

static bool print_quarantine(const struct json_node *rows, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *received = NULL, *reason = NULL;
		struct json_node row;
		int64_t seq;

		if (!json_item_object(rows, i, &row, err) ||
		    !json_get_int(&row, "seq", 0, INT64_MAX, &seq, err) ||
		    !json_get_string(&row, "received", WALL_TEXT_SIZE, &received, err) ||
		    !json_get_string(&row, "reason", REASON_MAX, &reason, err))
			return false;
		printf("  検疫 %" PRId64 "（%s 受信）: %s\n", seq, received, reason);
	}
	return true;
}

static bool print_plays(struct json_node *root, const struct screen_view *view,
			struct err *err)
{
	int64_t durable, last, undated, lost, given_up, folded;
	struct json_node gaps, rows;
	size_t gap_count = 0, row_count = 0;
	char uploaded[SCREEN_WORDS];

	if (!json_get_int(root, "durable_seq", 0, INT64_MAX, &durable, err) ||
	    !json_get_int(root, "last_seq", 0, INT64_MAX, &last, err) ||
	    !json_get_int(root, "undated", 0, INT64_MAX, &undated, err) ||
	    !json_get_int(root, "lost", 0, INT64_MAX, &lost, err) ||
	    !json_get_int(root, "given_up", 0, INT64_MAX, &given_up, err) ||
	    !json_get_int(root, "folded", 0, INT64_MAX, &folded, err) ||
	    !json_get_array(root, "gaps", ROWS_MAX, &gaps, &gap_count, err) ||
	    !json_get_array(root, "quarantine", ROWS_MAX, &rows, &row_count, err))
		return false;
	screen_moment_words(view->last_upload, uploaded);
	printf("放映記録      %" PRId64 "番まで確認、%" PRId64 "番まで受信（最後は%s）\n"
	       "              未着 %" PRId64 "、検疫 %" PRId64 "、時刻未確定 %" PRId64
	       "\n",
	       durable, last, uploaded, view->missing, view->quarantined, undated);
	if (lost > 0 || given_up > 0 || folded > 0)
		printf("              画面で失われた %" PRId64 "、断念した %" PRId64
		       "、時間ごとの合計のみ %" PRId64 "\n",
		       lost, given_up, folded);
	return print_gaps(&gaps, gap_count, err) &&
	       print_quarantine(&rows, row_count, err);
}

static void print_display(const struct screen_view *view)
{
	const struct health *health = &view->health;
	char words[SCREEN_WORDS], more[SCREEN_WORDS];

	printf("表示中        %s（番組 %" PRId64 "）\n",
	       health->slide_id[0] ? health->slide_id : "なし",
	       health->programme_version);
	screen_set_words(view, words);
	screen_moment_words(health->expires, more);
	printf("設定          %s（%" PRId64 "版、%sまで有効", words,
	       health->timestamp_version, more);
	screen_span_words(health->set_age, words);
	printf("、%s前に受け取った）\n", words);
	screen_frame_words(view, words);
	printf("最後の描画    %s\n", words);
	printf("出力          %s（%s）\n", screen_output_words(health->output),
	       health->panel);
	screen_clock_words(view, words);
	screen_moment_words(health->at, more);
	printf("時計          %s（報告の時 %s）\n", words, more);
	screen_disk_words(health, words);
	screen_heat_words(health, more);
	printf("空き容量      %s\n温度          %s\n", words, more);
	screen_span_words(health->uptime, words);
	screen_span_words(health->running, more);
	printf("稼働          端末 %s、表示プログラム %s（%s）\n", words, more,
	       health->software);
	printf("画面の記録    未確認 %" PRId64 "件、書けなかったもの %" PRId64 "件\n",
	       health->plays_waiting, health->plays_lost);
	screen_span_words(health->error_age, words);
	if (health->error[0])
		printf("最後の誤り    %s（報告の%s前）\n", health->error, words);
}

static void print_courier(const struct screen_view *view)
{
	const struct health_courier *courier = &view->courier;
	char words[SCREEN_WORDS];

	screen_span_words(courier->running, words);
	printf("通信※        %s、%s: 要求 %" PRId64 "回、受信 %" PRId64
	       "バイト、送信 %" PRId64 "バイト、失敗 %" PRId64 "回\n",
	       courier->software, words, courier->requests, courier->received_bytes,
	       courier->sent_bytes, courier->failures);
	if (courier->failure[0])
		printf("              最後の失敗: %s\n", courier->failure);
	puts("              ※通信プログラムの自己申告（署名なし）");
}

static bool print_screen(struct json_node *root, struct err *err)
{
	struct screen_view view;
	char words[SCREEN_WORDS];
	int64_t timestamp;

	if (!json_get_int(root, "timestamp", 0, INT64_MAX, &timestamp, err) ||
	    !screen_view_read(root, timestamp, &view, err))
		return false;
	printf("%s（%s） %s%s\n", view.id, view.place, screen_state_words(view.state),
	       view.counts ? "" : "（対象外）");
	screen_alarm_words(view.alarms, words);
	printf("警報          %s\n", words);
	screen_contact_words(&view, words);
	printf("最後の連絡    %s\n", words);
	if (view.reported)
		print_display(&view);
	if (!print_plays(root, &view, err))
		return false;
	if (view.reported)
		print_courier(&view);
	return true;
}

bool screen_show(struct ctl *ctl, const char *id, struct err *err)
{
	char url[SCREEN_URL_MAX];

	return screen_url(id, "", url, err) && call(ctl, url, print_screen, err);
}
