// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace ExporterProxy {

/// `unknown key "receiver.fromat"; did you mean "format"?`: proposes the nearest key of the section, or the
/// right section of a key, or nothing if no key is similar. `section` is empty for a key outside all
/// sections.
QString unknownKeyText(const QString &section, const QString &key);

/// `unknown section "reciever"; did you mean "receiver"?`
QString unknownSectionText(const QString &section);

/// Whether there is a section of this name.
bool isKnownSection(QStringView section);

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into
/// the other (optimal string alignment). The time is the product of the lengths.
qsizetype editDistance(QStringView a, QStringView b);

/// The candidate that a mistyped word probably meant: the nearest one, the first of several. Empty if no
/// candidate is near, that is if more than a third of its letters, and more than one, differ. Ignores case
/// and the difference between '-' and '_'.
QString nearestWord(QStringView word, const QStringList &candidates);

} // namespace ExporterProxy
