// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QStringView>

namespace ExporterProxy {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make one word of
/// the other (optimal string alignment). Costs the product of the lengths: for words, not for texts.
qsizetype editDistance(QStringView a, QStringView b);

/// The candidate that was probably meant by a mistyped word; empty if none is near: a third of its letters
/// may differ, at least one. Case does not count, and '-' is the same as '_'. Of equally near ones the first.
QString nearestWord(QStringView word, const QStringList &candidates);

} // namespace ExporterProxy
