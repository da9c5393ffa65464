using Tikr.Core.Delivery;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>What a lane does when keys are divided anew among the silos, and when other gateways are alive.</summary>
public sealed class DivisionTests : IDisposable
{
    private const uint FirstKey = 1;
    private readonly SteppedLane _stepped = new();
    private readonly Source _source = new();
    private readonly long _bucket;

    public DivisionTests() => _bucket = _stepped.Bench.Model.BucketOf(Now);

    [Fact]
    public void What_no_bar_covers_is_delivered_again_before_anything_else_under_a_new_division()
    {
        _stepped.Send(_source, new Tick("A", Now), new Tick("B", Now));
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        _stepped.Lane.Covered(Series, FirstKey, _bucket, 1);
        _stepped.RunFor(TimeSpan.FromMilliseconds(50));
        _stepped.Router.Delivered.Clear();

        _stepped.Send(_source, new Tick("A", Now));
        _stepped.Router.Division = 7;
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));

        var again = _stepped.Router.Delivered[0];
        Assert.Equal(("B", true, 0L, (1UL, 1UL)), (again.Symbol, again.IsAgain, again.Ticks, again.Flushes));
        Assert.Equal([7], _stepped.Router.DeliveredAgainUnder[^1..]);
        var news = Assert.Single(_stepped.Router.Delivered, one => one.Symbol == "A");
        Assert.Equal((false, 1L), (news.IsAgain, news.Ticks));
    }

    [Fact]
    public void Delivery_that_is_lost_under_a_new_division_is_made_once_more_before_it_is_told()
    {
        _stepped.Send(_source, new Tick("A", Now));
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        _stepped.Router.Delivered.Clear();

        _stepped.Router.Division = 7;
        _stepped.Router.Loses = true;
        _stepped.RunFor(TimeSpan.FromMilliseconds(100));
        Assert.DoesNotContain(7, _stepped.Router.DeliveredAgainUnder);

        _stepped.Router.Loses = false;
        _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        Assert.Contains(_stepped.Router.Delivered, one => one is { Symbol: "A", IsAgain: true });
        Assert.Contains(7, _stepped.Router.DeliveredAgainUnder);
    }

    [Fact]
    public void Past_bucket_is_announced_at_its_first_flush_where_another_gateway_may_bring_ticks_of_it_too()
    {
        _stepped.Gateways.Add(99, new NoCoverage(), isRemote: true);
        var bucket = IngestBench.Start - (100 * IngestBench.Second);
        _stepped.Send(_source, new Tick("A", bucket + 5));
        _stepped.RunFor(TimeSpan.FromMilliseconds(200));

        var announcement = Assert.Single(_stepped.Router.Delivered);
        Assert.Equal((true, false, bucket), (announcement.Announces, announcement.Close, announcement.BucketStart));
        _stepped.RunFor(TimeSpan.FromSeconds(3));
        var delivered = _stepped.Router.Delivered[1];
        Assert.Equal((false, true, 1L), (delivered.Announces, delivered.Close, delivered.Ticks));
    }

    [Fact]
    public void Gateway_that_is_alone_announces_nothing()
    {
        _stepped.Send(_source, new Tick("A", IngestBench.Start - (100 * IngestBench.Second)));
        _stepped.RunFor(TimeSpan.FromSeconds(3));

        Assert.False(Assert.Single(_stepped.Router.Delivered).Announces);
    }

    public void Dispose() => _stepped.Dispose();

    private long Now => _stepped.Bench.Now.UnixNs;

    private ushort Series => _stepped.Bench.Series.Series.Id;

    private sealed class NoCoverage : ICoverageSink
    {
        public void Covered(ushort seriesId, uint keyId, long bucketStart, ulong throughFlush)
        {
        }
    }
}
