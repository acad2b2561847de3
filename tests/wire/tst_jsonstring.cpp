// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsonstring.h"

#include <memory>
#include <QByteArray>
#include <QRandomGenerator>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr InstructionSet AllSets[] = {InstructionSet::Baseline, InstructionSet::Avx2, InstructionSet::Avx512};

/// The rules byte by byte, as plainly as they can be said.
struct Expected
{
    QByteArray out;
    qsizetype used = 0;
    RunEnd end = RunEnd::Input;

    Expected(const QByteArray &in, StringKind kind)
    {
        for (; used < in.size(); ++used) {
            const char c = in[used];
            if (c == '"') {
                if (kind == StringKind::Lines && in.mid(used, 3) == "\",\"") {
                    out += '\n';
                    used += 2;
                    continue;
                }
                end = RunEnd::Quote;
                return;
            }
            if (c == '\\') {
                static const QByteArray letters = "\"\\/bfnrt";
                const qsizetype which = used + 1 < in.size() ? letters.indexOf(in[used + 1]) : -1;
                if (which < 0) {
                    end = RunEnd::Escape;
                    return;
                }
                out += QByteArray("\"\\/\b\f\n\r\t")[which];
                ++used;
                continue;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                end = RunEnd::Control;
                return;
            }
            out += c;
        }
    }
};

} // namespace

class TestJsonString : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        for (const InstructionSet set : AllSets) {
            if (!unescapeFunction(set))
                qWarning("this processor has no %s: that implementation is not tested here",
                         instructionSetName(set));
        }
    }

    void allImplementationsFollowTheRules_data()
    {
        QTest::addColumn<QByteArray>("alphabet");
        QTest::addColumn<int>("plain"); // of a hundred bytes, those that are none of the alphabet's
        QTest::newRow("mostly plain") << QByteArray("\\n\"") << 97;
        QTest::newRow("escaped quotes and newlines") << QByteArray("\\\\\"n") << 80;
        QTest::newRow("runs of backslashes") << QByteArray("\\\\\\\\\\n") << 30;
        QTest::newRow("hardly anything but backslashes") << QByteArray("\\") << 1;
        QTest::newRow("lines") << QByteArray("\",\"") << 90;
        QTest::newRow("nothing but quotes and commas") << QByteArray("\",\"") << 5;
        QTest::newRow("every escape, known or not") << QByteArray("\\\\\\nrtbfux/\"") << 50;
        QTest::newRow("control characters") << QByteArray("\n\t\\n\x01\x1f") << 98;
        QTest::newRow("not ASCII") << QByteArray("\xC3\xA4\\n") << 90;
    }
    void allImplementationsFollowTheRules()
    {
        QFETCH(QByteArray, alphabet);
        QFETCH(int, plain);
        QRandomGenerator random(815);
        qsizetype written = 0;
        for (int round = 0; round < 20'000; ++round) {
            QByteArray in;
            for (int size = int(random.bounded(300)); size > 0; --size)
                in += int(random.bounded(100)) < plain ? 'x'
                                                       : alphabet[qsizetype(random.bounded(alphabet.size()))];
            // An escaped quote is frequent in real texts and rare by chance.
            if (random.bounded(2) == 0)
                in.replace("xxxx", "\\\"x\\\"");
            for (const StringKind kind : {StringKind::Single, StringKind::Lines}) {
                const Expected expected(in, kind);
                for (const InstructionSet set : AllSets) {
                    const UnescapeFunction run = unescapeFunction(set);
                    if (!run)
                        continue;
                    // Allocations of the exact size: a sanitizer sees what goes beyond.
                    const std::unique_ptr<char[]> source(new char[std::size_t(in.size())]);
                    std::copy(in.begin(), in.end(), source.get());
                    const std::unique_ptr<char[]> target(new char[std::size_t(in.size() + UnescapeSlack)]);
                    const RunResult result = run(source.get(), source.get() + in.size(), target.get(), kind);
                    const bool ascii =
                        std::all_of(expected.out.begin(), expected.out.end(), [](char c) { return c >= 0; });
                    const bool isRight =
                        QByteArrayView(target.get(), result.out - target.get()) == expected.out
                        && result.in - source.get() == expected.used && result.end == expected.end
                        && (ascii || !result.ascii);
                    QVERIFY2(isRight, (QByteArray(instructionSetName(set)) + ": " + in).constData());
                }
                written += expected.out.size();
            }
        }
        QVERIFY(written > 10'000);
    }

    void theBestThereIsIsUsed()
    {
        const InstructionSet best = bestInstructionSet();
        QVERIFY(unescapeFunction(best));
        for (const InstructionSet set : AllSets)
            QVERIFY(set <= best || !unescapeFunction(set));
        const char in[] = "x 1\\n\"";
        char out[sizeof in + UnescapeSlack];
        const RunResult result = unescapeRun(in, in + sizeof in - 1, out, StringKind::Single);
        QCOMPARE(QByteArrayView(out, result.out - out), QByteArrayView("x 1\n"));
        QCOMPARE(result.end, RunEnd::Quote);
    }
};

QTEST_APPLESS_MAIN(TestJsonString)
#include "tst_jsonstring.moc"
