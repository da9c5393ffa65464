using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class FlushGroupTests
{
    private const long T = IngestBench.Start, Ms = 1_000_000;
    private readonly IngestBench _bench = new();
    private readonly Source _source = new();

    [Fact]
    public void Ticks_of_a_key_become_one_run_in_order_of_time()
    {
        var group = Grouped(new("A", T + (3 * Ms), Price: 3), new("B", T, Price: 9),
            new("A", T + Ms, Price: 1), new("A", T + (2 * Ms), Price: 2));

        Assert.Equal(2, group.Keys);
        Assert.Equal([1, 2, 3], Prices(group, 0));
        Assert.Equal([9], Prices(group, 1));
    }

    [Fact]
    public void Equal_times_are_ordered_by_sequence_and_then_by_arrival()
    {
        var group = Grouped(new("A", T, 2, Price: 20), new("A", T, 1, Price: 10), new("A", T, 2, Price: 21), new("A", T, 1, Price: 11));

        Assert.Equal([10, 11, 20, 21], Prices(group, 0));
    }

    [Fact]
    public void A_run_is_cut_at_bucket_borders()
    {
        var group = Grouped(new("A", T + IngestBench.Second - 1), new("A", T),
            new("A", T + IngestBench.Second), new("A", T + (5 * IngestBench.Second)));

        Assert.Equal([(T, 2), (T + IngestBench.Second, 1), (T + (5 * IngestBench.Second), 1)],
            group.Segments.Select(s => (s.BucketStart, s.Count)));
    }

    [Fact]
    public void A_group_can_be_used_again_for_the_next_flush()
    {
        var group = Grouped(new Tick("A", T, Price: 1), new Tick("B", T, Price: 2));
        group.Clear();
        group.Add(_bench.Message(_source, new Tick("B", T + Ms, Price: 3)));
        group.Build(2);

        Assert.Equal(1, group.Keys);
        Assert.Equal([3], Prices(group, 0));
    }

    private FlushGroup Grouped(params Tick[] ticks)
    {
        var group = new FlushGroup(_bench.Lane);
        group.Add(_bench.Message(_source, ticks[..(ticks.Length / 2)]));
        group.Add(_bench.Message(_source, ticks[(ticks.Length / 2)..]));
        group.Build(1);
        return group;
    }

    private static long[] Prices(FlushGroup group, int run) =>
        group.Columns.Fields[0].AsSpan(group.StartOf(run), group.CountOf(run)).ToArray();
}
