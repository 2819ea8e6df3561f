#include "render/theme.h"

#include <math.h>

static const struct theme light = {
	.dark = false,
	.paper = {0xFBFAF6},
	.ink = {0x14171A},
	.soft = {0x4A4F55},
	.line = {0xD9D5C9},
	.panel = {0xF0EDE3},
	.accent =
		{
			[THEME_NEUTRAL] = {0x14171A},
			[THEME_IMPLEMENTATION] = {0x005AFF},
			[THEME_CONSIDERATION] = {0xF6AA00},
			[THEME_RESEARCH] = {0x03AF7A},
			[THEME_NOTICE] = {0x990099},
		},
};

static const struct theme dark = {
	.dark = true,
	.paper = {0x0E1420},
	.ink = {0xF5F6F8},
	.soft = {0xB9C0CC},
	.line = {0x2E3850},
	.panel = {0x182133},
	.accent =
		{
			[THEME_NEUTRAL] = {0xF5F6F8},
			[THEME_IMPLEMENTATION] = {0x4DC4FF},
			[THEME_CONSIDERATION] = {0xF6AA00},
			[THEME_RESEARCH] = {0x03AF7A},
			[THEME_NOTICE] = {0xFF8082},
		},
};

const struct theme *theme_get(bool want_dark)
{
	return want_dark ? &dark : &light;
}

static double linear(uint32_t channel)
{
	double value = (double)channel / 255;

	return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour colour)
{
	return 0.2126 * linear(colour.rgb >> 16 & 255) +
	       0.7152 * linear(colour.rgb >> 8 & 255) + 0.0722 * linear(colour.rgb & 255);
}

double theme_contrast(struct colour a, struct colour b)
{
	double first = luminance(a);
	double second = luminance(b);

	return (fmax(first, second) + 0.05) / (fmin(first, second) + 0.05);
}

static uint32_t mix_channel(struct colour from, struct colour to, double part, int shift)
{
	double low = from.rgb >> shift & 255;
	double high = to.rgb >> shift & 255;

	return (uint32_t)lround(low + (high - low) * part) << shift;
}

struct colour theme_mix(struct colour from, struct colour to, double part)
{
	double clamped = part > 0 ? fmin(part, 1) : 0;

	return (struct colour){mix_channel(from, to, clamped, 16) |
			       mix_channel(from, to, clamped, 8) |
			       mix_channel(from, to, clamped, 0)};
}

struct colour theme_text_on(const struct theme *theme, struct colour ground)
{
	return theme_contrast(theme->ink, ground) >= theme_contrast(theme->paper, ground)
		       ? theme->ink
		       : theme->paper;
}
