// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace ExporterProxy {

/// Why unescapeRun() stopped.
enum class RunEnd {
    Input, ///< the input is used up
    Quote, ///< at the closing quote
    Escape, ///< at a backslash that begins no two-character escape, or is the last byte of the input
    Control, ///< at a byte below 0x20, which must not occur in a JSON string (RFC 8259, section 7)
};

struct RunResult
{
    const char *in; ///< the first byte that was not used
    char *out; ///< one past the last byte that was written
    RunEnd end;
    bool ascii; ///< no byte that was looked at is above 0x7F: what was written needs no UTF-8 check
};

/// The meaning of a closing quote.
enum class StringKind {
    Single, ///< the end
    Lines, ///< an item of an array of lines: where `","` follows without white space, a newline takes their
           ///< place
};

/// Copies the content of a JSON string from `in` to `out`, resolving the two-character escapes (\n, \",
/// \\ …), up to the first byte that needs more thought. One pass, 64 bytes at a time: most of the time of a
/// push is spent here. `out` must have room for `inEnd - in + UnescapeSlack` bytes, and must not overlap the
/// input.
RunResult unescapeRun(const char *in, const char *inEnd, char *out, StringKind kind);

/// Bytes that unescapeRun() may write beyond what it reports, because it copies in blocks.
inline constexpr std::ptrdiff_t UnescapeSlack = 64;

/// The instructions that an implementation of unescapeRun() uses.
enum class InstructionSet {
    Baseline, ///< of every processor of the architecture: SSE2 on x86-64
    Avx2,
    Avx512, ///< with VBMI2
};

/// The best that this processor and this build have; unescapeRun() uses it. Its name is for people.
InstructionSet bestInstructionSet();
const char *instructionSetName(InstructionSet set);

/// One implementation, for tests and benchmarks; null where the processor or the build lacks it. All return
/// the same, but `ascii` may be false where it need not.
using UnescapeFunction = RunResult (*)(const char *, const char *, char *, StringKind);
UnescapeFunction unescapeFunction(InstructionSet set);

} // namespace ExporterProxy
