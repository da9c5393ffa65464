using CsCheck;
using Tikr.Core.Rollup;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Core.Ticks;

public sealed class TickBlockFieldTests
{
    // Written with ids 1, 2, 3 and values 10, 20, 30 in each of two ticks; the second tick lacks field 2 where the writer keeps presence.
    [Theory]
    [InlineData(false, "1 2 3", false, "10,20,30", "10,20,30")]
    [InlineData(false, "3 1", false, "30,10", "30,10")]
    [InlineData(false, "2 9", false, "20,0", "20,0")]
    [InlineData(false, "2 9", true, "20,-", "20,-")]
    [InlineData(false, "8 9", true, "-,-", "-,-")]
    [InlineData(false, "", false, "", "")]
    [InlineData(true, "1 2 3", true, "10,20,30", "10,-,30")]
    [InlineData(true, "3 2", true, "30,20", "30,-")]
    [InlineData(true, "1 2 3", false, "10,20,30", "10,0,30")]
    [InlineData(true, "9 2", true, "-,20", "-,-")]
    [InlineData(true, "9 3", false, "0,30", "0,30")]
    public void A_changed_field_list_reads_what_is_stored(bool writtenSparse, string readIds, bool readSparse, string first, string second)
    {
        var written = Blocks.Model(3, skip: writtenSparse);
        var columns = written.NewColumns();
        Blocks.Append(columns, 1, 1, 10, 20, 30);
        Blocks.Append(columns, 2, 2, 10, writtenSparse ? 0 : 20, 30);
        if (columns.Present is { } present) present[1] = 0b101;
        var block = new BlockInput(written, [1, 2, 3], columns, 0, [new KeyRun(1, 0, 2, 0)], Shared: false).Encode();

        ushort[] ids = [.. readIds.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ushort.Parse)];
        var model = Blocks.Model(ids.Length, skip: readSparse);
        var (into, runs) = (Dirty(model), new List<KeyRun>());
        new TickBlockReader(model, ids).Read(block, 1, [], 0, 9, into, runs);
        Assert.Equal([first, second], Blocks.TicksOf(model, into, runs).Select(tick => tick.Values));
    }

    [Fact]
    public void An_absent_field_reads_as_0_whatever_the_columns_held() => Blocks.Any.Where(input => input.Model.TracksPresence).Sample(
        input =>
        {
            var (into, runs) = (Dirty(input.Model), new List<KeyRun>());
            new TickBlockReader(input.Model, input.FieldIds).Read(input.Encode(), 1, [], long.MinValue, long.MaxValue, into, runs);
            for (var i = 0; i < into.Count; i++)
            {
                for (var f = 0; f < into.Fields.Length; f++)
                {
                    if ((into.Present![i] >> f & 1) == 0) Assert.Equal(0, into.Fields[f][i]);
                }
            }
        },
        iter: 300);

    [Fact]
    public void Presence_costs_nothing_where_all_fields_are_given()
    {
        Assert.Equal(Length(skip: false, ulong.MaxValue), Length(skip: true, ulong.MaxValue));
        Assert.InRange(Length(skip: true, 0b11) - Length(skip: true, ulong.MaxValue), 1, 20);

        static int Length(bool skip, ulong presentOfFirst)
        {
            var model = Blocks.Model(3, skip: skip);
            var columns = model.NewColumns();
            for (var i = 0; i < 64; i++) Blocks.Append(columns, i, (uint)i, i, i, i);
            if (columns.Present is { } present) present[0] &= presentOfFirst;
            return new BlockInput(model, Blocks.Ids(model), columns, 0, [new KeyRun(1, 0, 64, 0)], Shared: false).Encode().Length;
        }
    }

    private static TickColumns Dirty(SeriesModel model)
    {
        var columns = model.NewColumns();
        columns.EnsureCapacity(256);
        foreach (var field in columns.Fields) Array.Fill(field, 123456789);
        if (columns.Present is { } present) Array.Fill(present, ulong.MaxValue);
        return columns;
    }
}
