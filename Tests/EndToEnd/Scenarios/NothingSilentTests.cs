namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>Every tick of a mixed good-and-bad load is accounted for: in the answer of its stream and in the metrics.</summary>
public sealed class NothingSilentTests
{
    private const int Streams = 4, Rounds = 25, GoodPerRound = 200;

    [Fact]
    public async Task Sent_is_acknowledged_plus_rejected_by_reason()
    {
        await using var silo = await SiloProcess.StartAsync(new SiloOptions { Name = "nothing-silent", Specs = TestSpecs.All });

        var answers = await Task.WhenAll(Enumerable.Range(0, Streams).Select(stream => silo.Client.SendAsync(Mixed(stream))));

        foreach (var answer in answers)
        {
            Assert.Equal((ulong)(Rounds * GoodPerRound), answer.TicksReceived);
            Assert.Equal(RejectedPerStream, answer.Rejections.ToDictionary(rejection => rejection.Reason, rejection => rejection.Ticks));
            Assert.Equal((ulong)RejectedPerStream.Values.Sum(ticks => (long)ticks), answer.TicksRejected);
            Assert.InRange(answer.Samples.Count, 1, 10);
            Assert.All(answer.Samples, sample => Assert.NotEmpty(sample.Message));
        }

        var metrics = await silo.MetricsAsync();
        Assert.Equal(Streams * Rounds * GoodPerRound, metrics.Sum("tikr_ingest_ticks_total"));
        foreach (var (reason, ticks) in RejectedPerStream)
        {
            Assert.Equal(Streams * (double)ticks, metrics.Sum("tikr_ingest_rejected_total", $"reason=\"{reason}\""));
        }
    }

    private static Dictionary<string, ulong> RejectedPerStream => new()
    {
        ["unknown_series"] = Rounds * 3,
        ["missing_dimension"] = Rounds,
        ["unknown_dimension"] = Rounds,
        ["dimension_too_long"] = Rounds,
        ["timestamp_out_of_range"] = Rounds * 2,
        ["missing_field"] = Rounds,
        ["unknown_field"] = Rounds,
    };

    private static IEnumerable<IngestRequest> Mixed(int stream)
    {
        var random = new Random(stream);
        var now = WallClock.NowNs;
        for (var round = 0; round < Rounds; round++)
        {
            var good = Enumerable.Range(0, GoodPerRound).Select(i => Tick(stream, now, (uint)((round * GoodPerRound) + i))).ToList();
            var noDimension = Tick(stream, now, 1);
            noDimension.Dimensions.Clear();
            var extraDimension = Tick(stream, now, 2);
            extraDimension.Dimensions["venue"] = "X";
            var longDimension = Tick(stream, now, 3);
            longDimension.Dimensions["symbol"] = new string('x', 10_000);
            TickData[] bad = [noDimension, extraDimension, longDimension,
                Tick(stream, 0, 4), Tick(stream, now + (3600 * WallClock.Second), 5)];
            var mixed = good.Concat(bad).ToArray();
            random.Shuffle(mixed);

            yield return new IngestRequest { Series = Ingest.MarketSeries, Ticks = { mixed } };
            yield return new IngestRequest { Series = "no_such_series", Ticks = { good.Take(3) } };
            yield return new IngestRequest
            {
                Series = TestSpecs.Strict,
                Ticks = { Wide(now, ("s", 1)), Wide(now, ("s", 1), ("u", 1), ("z", 1)) }
            };
        }
    }

    private static TickData Tick(int stream, long time, uint sequence) => new MarketTick($"MIX{stream}", time, 100, 1, sequence).ToData();

    private static TickData Wide(long time, params (string Name, long Value)[] fields)
    {
        var tick = new TickData { TimestampNs = (ulong)time, Dimensions = { ["key"] = "strict" } };
        foreach (var (name, value) in fields) tick.Fields[name] = value;
        return tick;
    }
}
