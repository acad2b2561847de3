// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/pagestore.h"

#include "common/exposition/appgroups.h"
#include "common/exposition/piecelist.h"
#include "tests/exposition/pagetexts.h"
#include "tests/exposition/views.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr AppModel::Limits Roomy{100'000, 1 << 30};

/// Lines of which one may differ.
QByteArray lines(int count, int other = -1, const QByteArray &value = "12345678901")
{
    QByteArray text;
    for (int i = 0; i < count; ++i)
        text += "line " + QByteArray::number(i) + ' ' + (i == other ? value : QByteArray("1")) + '\n';
    return text;
}

/// Sections of one or more texts each.
class Texts final : public SectionList
{
public:
    void add(PageStore &store, const std::vector<QByteArray> &texts)
    {
        qint64 size = 0;
        for (const QByteArray &text : texts)
            size += text.size();
        m_sections.push_back(size > 0 ? store.newSection(size) : nullptr);
        m_texts.push_back(texts);
    }
    std::size_t size() const override { return m_sections.size(); }
    Section *section(std::size_t index) override { return m_sections[index].get(); }
    void texts(std::size_t index, const AppView &, std::vector<QByteArray> &texts) override
    {
        ++asked;
        texts.insert(texts.end(), m_texts[index].begin(), m_texts[index].end());
    }

    int asked = 0; ///< how often for the texts of a section

private:
    std::vector<std::shared_ptr<Section>> m_sections;
    std::vector<std::vector<QByteArray>> m_texts;
};

struct Store
{
    QByteArray page(SectionList &list, Representation representation)
    {
        PageBuilder builder(representation.encoding);
        store.append({list, {}}, representation, builder);
        return bytesOfPage(builder.take());
    }
    bool deflate(SectionList &list, DeflateBudget budget = qint64{1} << 40)
    {
        return store.deflate({list, {}}, Format::Text, budget);
    }

    AppModel model{Roomy};
    PageStore store{model.pending(), [] {}};
};

bool isBefore(const PieceKey &a, const PieceKey &b)
{
    return a.family != b.family ? a.family < b.family : a.app < b.app;
}

/// The groups as "a b|c": the names of each.
QByteArray shown(const AppGroups &groups, const AppView &view)
{
    QByteArray text;
    for (const AppGroups::Group &group : groups.groups()) {
        text += text.isEmpty() ? "" : "|";
        for (std::size_t i = 0; i < group.count; ++i)
            text += (i > 0 ? " " : "") + view.apps[group.begin + i]->name;
    }
    return text;
}

int changedOf(const AppGroups &groups)
{
    return int(std::ranges::count_if(groups.groups(), &AppGroups::Group::isChanged));
}

} // namespace

class TestPageStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachRepresentationHoldsTheTexts()
    {
        Store it;
        Texts list;
        list.add(it.store, {lines(1000)});
        list.add(it.store, {"a 1\n", "b 2\n"});
        list.add(it.store, {});
        list.add(it.store, {"c 3\n"});
        const QByteArray text = lines(1000) + "a 1\nb 2\nc 3\n";
        QCOMPARE(it.page(list, Plain), text);
        QVERIFY(it.deflate(list));
        QCOMPARE(gunzipped(it.page(list, Gzip)), text);
    }

    void nothingIsMadeTwice()
    {
        Store it;
        Texts list;
        list.add(it.store, {lines(100), lines(50)});
        list.add(it.store, {lines(10), lines(20)});
        const QByteArray plain = it.page(list, Plain);
        QCOMPARE(it.store.bytes(), plain.size()); // joint texts are copies
        QVERIFY(it.deflate(list));
        const qint64 bytes = it.store.bytes();
        QVERIFY(bytes > plain.size());
        QCOMPARE(list.asked, 4);
        QCOMPARE(it.page(list, Plain), plain);
        QVERIFY(it.deflate(list, 0));
        QCOMPARE(gunzipped(it.page(list, Gzip)), plain);
        QCOMPARE(list.asked, 4);
        QCOMPARE(it.store.bytes(), bytes);
    }

    void aTextAloneIsNotCopied()
    {
        Store it;
        Texts list;
        const QByteArray text = lines(1000);
        list.add(it.store, {text});
        PageBuilder builder;
        it.store.append({list, {}}, Plain, builder);
        QCOMPARE(builder.take()->parts.front().constData(), text.constData());
        QCOMPARE(it.store.bytes(), 0);
    }

    void theSameTextHasOneSection()
    {
        Store it;
        std::shared_ptr<Section> one = it.store.section(1, 5);
        const std::shared_ptr<Section> same = it.store.section(1, 5);
        const std::shared_ptr<Section> other = it.store.section(2, 5);
        QCOMPARE(same.get(), one.get());
        QVERIFY(other != one);
        QVERIFY(it.store.newSection(5)->version != it.store.newSection(5)->version);
        const QByteArray text("abcd\n");
        DeflateBudget budget(100);
        QVERIFY(it.store.deflate(*one, {&text, 1}, Format::Text, budget));
        QCOMPARE(budget.text, 95);
        QVERIFY(it.store.deflate(*same, {&text, 1}, Format::Text, budget));
        QCOMPARE(budget.text, 95);
    }

    void bytesGoWithTheLastThatHasTheSection()
    {
        Store it;
        std::shared_ptr<Section> section = it.store.section(1, 5);
        const QByteArray text("abcd\n");
        DeflateBudget budget(100);
        QVERIFY(it.store.deflate(*section, {&text, 1}, Format::Text, budget));
        std::shared_ptr<Section> another = it.store.section(1, 5);
        const qint64 bytes = it.store.bytes();
        QVERIFY(bytes > 0);
        section.reset();
        QCOMPARE(it.store.bytes(), bytes);
        another.reset();
        QCOMPARE(it.store.bytes(), 0);
        section = it.store.section(1, 5);
        QCOMPARE(section->madeBytes(), 0);
    }

    void aBudgetIsKept()
    {
        Store it;
        Texts list;
        for (int i = 0; i < 10; ++i)
            list.add(it.store, {lines(100), lines(100)});
        const auto size = qint64(2 * lines(100).size());
        QVERIFY(!it.deflate(list, 0));
        QVERIFY(!it.deflate(list, {size, size - 1})); // there is not the memory for one
        QCOMPARE(it.store.bytes(), 0);
        QVERIFY(!it.deflate(list, size * 4)); // what is done stays
        QVERIFY(!it.deflate(list, size * 4));
        QVERIFY(it.deflate(list, size * 4));
    }

    void allIsDroppedAndMadeAnew()
    {
        Store it;
        Texts list;
        list.add(it.store, {lines(100), lines(50)});
        const QByteArray text = it.page(list, Plain);
        QVERIFY(it.deflate(list));
        it.store.clear();
        QCOMPARE(it.store.bytes(), 0);
        QVERIFY(!it.deflate(list, 0));
        QVERIFY(it.deflate(list));
        QCOMPARE(gunzipped(it.page(list, Gzip)), text);
        QCOMPARE(it.page(list, Plain), text);
        list = {};
        QCOMPARE(it.store.bytes(), 0);
    }

    void jointTextsLeaveRoomForOthers()
    {
        Store it;
        it.model.setLimits({100, 0}); // leaves PendingBytes::AlwaysAllowed, 32 MiB
        Texts list;
        const QByteArray half(10 << 20, 'x');
        list.add(it.store, {half, half});
        QCOMPARE(it.page(list, Plain), half + half);
        QCOMPARE(it.store.bytes(), 0); // not kept
        const QByteArray small(1 << 20, 'x');
        Texts other;
        other.add(it.store, {small, small});
        QCOMPARE(it.page(other, Plain), small + small);
        QCOMPARE(it.store.bytes(), 2 << 20);
    }

    void aChangeOfAPieceCostsItsLeaf()
    {
        Store it;
        PieceList list(isBefore, it.store);
        for (quint32 i = 0; i < 1000; ++i)
            list.set({i, 0}, lines(20));
        QVERIFY(it.deflate(list));
        const quint64 serial = list.serial();
        list.set({500, 0}, lines(20));
        QCOMPARE(list.serial(), serial);
        QVERIFY(it.deflate(list, 0));
        list.set({500, 0}, lines(20, 7));
        QVERIFY(list.serial() != serial);
        QVERIFY(!it.deflate(list, 0));
        DeflateBudget budget(1 << 20);
        QVERIFY(it.store.deflate({list, {}}, Format::Text, budget));
        QVERIFY(budget.text > (1 << 20) - 2 * qint64(PieceList::UsualLeaf));
        QCOMPARE(gunzipped(it.page(list, Gzip)), textOf(list));
        QCOMPARE(it.page(list, Plain), textOf(list));
    }

    void groupsFollowTheApplications()
    {
        AppModel model(Roomy);
        AppGroups groups(AppGroups::By::Texts, {4, 8, 16});
        for (const char *name : {"a", "b", "c", "d"})
            push(model, name, "x 1\n");
        auto view = model.view();
        QVERIFY(groups.follow(*view));
        QVERIFY(!groups.follow(*view));
        QCOMPARE(shown(groups, *view), "a b c d");

        push(model, "c", "x 12345678901\n"); // of the usual weight: alone
        view = model.view();
        groups.follow(*view);
        QCOMPARE(shown(groups, *view), "a b|c|d");
        QCOMPARE(changedOf(groups), 3);

        push(model, "d", "x 2\n");
        view = model.view();
        groups.follow(*view);
        QCOMPARE(changedOf(groups), 1);
        QVERIFY(groups.groups().back().isChanged);
        model.noteRejected("a", "refused", SourceKind::Push, inTheExample(0)); // the text is the same
        view = model.view();
        QVERIFY(groups.follow(*view));
        QCOMPARE(changedOf(groups), 0);

        const quint32 first = groups.groups().front().id;
        push(model, "c", ""); // begins a group, and its neighbour is too light to be one any more
        view = model.view();
        groups.follow(*view);
        QCOMPARE(shown(groups, *view), "a b|c d");
        QCOMPARE(changedOf(groups), 1);
        QCOMPARE(groups.gone().size(), 1u);
        push(model, "bb", "x 1\n");
        view = model.view();
        groups.follow(*view);
        QCOMPARE(shown(groups, *view), "a b bb|c d");
        QCOMPARE(changedOf(groups), 1);
        QVERIFY(groups.groups().front().isChanged);
        QCOMPARE(groups.groups().front().id, first);
        push(model, "aa", "x 123\n"); // heavier than a group may be
        view = model.view();
        groups.follow(*view);
        QCOMPARE(shown(groups, *view), "a aa|b bb|c d");
        QCOMPARE(changedOf(groups), 2);
    }
};

QTEST_GUILESS_MAIN(TestPageStore)

#include "tst_pagestore.moc"
