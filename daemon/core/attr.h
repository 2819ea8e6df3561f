#ifndef CORE_ATTR_H
#define CORE_ATTR_H

/* GNU attributes under the names that this project uses. */

#define MUST_USE                 __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define CLEANUP(function)        __attribute__((cleanup(function)))

/* Marks a pointer parameter whose ownership passes to the callee. */
#define TAKES

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif /* CORE_ATTR_H */
