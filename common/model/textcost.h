// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QtGlobal>

namespace ExporterProxy {

/// How much memory the page keeps for a text beside the text itself: a bound for the worst text there is, so
/// that what is taken can be shown as well. Nothing where texts are shown as they came.
///
/// Known before a text is read, from its lines alone: it must be cheap enough to ask for each push.
struct TextCost
{
    quint32 perByte = 0; ///< bytes for each byte of the text; 0: the texts cost nothing at all
    quint32 perSample = 0; ///< for each sample
    quint32 perFamily = 0; ///< for each name that lines one behind the other are about
    quint32 perLabelByte = 0; ///< for each byte of the label that each sample gets; 0: they get none
    quint32 labelName = 0; ///< size of that label's name

    /// For the text of an application of this name.
    qint64 of(QByteArrayView text, QByteArrayView appName) const;

    bool operator==(const TextCost &) const = default;
};

} // namespace ExporterProxy
