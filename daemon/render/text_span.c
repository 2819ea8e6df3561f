#include <math.h>
#include <string.h>

#include "core/err.h"
#include "render/text.h"
#include "render/text_run.h"

static struct text_cut cut_of(const struct text_span *span)
{
	return (struct text_cut){
		.size = span->size, .role = span->role, .language = span->language};
}

static bool check_spans(const struct text_span *spans, size_t count, struct err *err)
{
	if (count > TEXT_SPANS_MAX)
		return err_set(err, ERR_TOO_LARGE, "text: more than %d spans in a row",
			       TEXT_SPANS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (spans[i].size < FONT_SIZE_MIN || spans[i].size > FONT_SIZE_MAX)
			return err_set(err, ERR_INVALID,
				       "text: size %d is not within %d–%d pixels",
				       spans[i].size, FONT_SIZE_MIN, FONT_SIZE_MAX);
		if (strnlen(spans[i].text, TEXT_BYTES_MAX + 1) > TEXT_BYTES_MAX)
			return err_set(err, ERR_TOO_LARGE, "text: longer than %d bytes",
				       TEXT_BYTES_MAX);
	}
	return true;
}

double text_smaller(double a, double b)
{
	if (a <= 0 || b <= 0)
		return fmax(a, b);
	return fmin(a, b);
}

static bool add_span(struct font_set *fonts, const struct text_span *span,
		     struct text_extent *extent, struct err *err)
{
	struct text_cut cut = cut_of(span);
	struct text_letters letters = {0};
	struct font_metrics metrics;
	size_t len = strlen(span->text);
	double width = 0;

	if (!text_run_measure(fonts, span->text, 0, len, &cut, &width, err) ||
	    !text_run_letters(fonts, span->text, 0, len, &cut, &letters, err) ||
	    !font_measure(fonts, span->role, span->language, span->size, &metrics, err))
		return false;

	extent->width += span->gap + width;
	text_missing_add(&extent->missing, &letters.missing);
	if (letters.japanese) {
		double above = metrics.kanji_height - metrics.kanji_descent;
		extent->ascent = fmax(extent->ascent, above + span->rise);
		extent->descent =
			fmax(extent->descent, metrics.kanji_descent - span->rise);
		extent->letter_japanese =
			text_smaller(extent->letter_japanese, metrics.kanji_height);
	}
	if (letters.latin) {
		extent->ascent = fmax(extent->ascent, metrics.digit_ascent + span->rise);
		extent->letter_latin =
			text_smaller(extent->letter_latin, metrics.capital_height);
	}
	return true;
}

bool text_spans_measure(struct font_set *fonts, const struct text_span *spans,
			size_t count, struct text_extent *out, struct err *err)
{
	struct text_extent extent = {0};

	if (!check_spans(spans, count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!add_span(fonts, &spans[i], &extent, err))
			return false;
	*out = extent;
	return true;
}

bool text_spans_draw(struct canvas *canvas, struct font_set *fonts,
		     const struct text_span *spans, size_t count, enum text_align align,
		     double x, double baseline, struct err *err)
{
	struct text_extent extent;

	if (!text_spans_measure(fonts, spans, count, &extent, err))
		return false;
	if (align == TEXT_CENTRE)
		x -= extent.width / 2;
	else if (align == TEXT_RIGHT)
		x -= extent.width;

	for (size_t i = 0; i < count; i++) {
		const struct text_span *span = &spans[i];
		struct text_cut cut = cut_of(span);
		size_t len = strlen(span->text);
		double width = 0;
		x += span->gap;
		if (!text_run_measure(fonts, span->text, 0, len, &cut, &width, err) ||
		    !text_run_draw(canvas, fonts, span->text, 0, len, &cut, span->colour,
				   x, baseline - span->rise, err))
			return false;
		x += width;
	}
	return true;
}
