using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Grains.Metrics;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Grains;

public sealed class OverflowReportTests
{
    private static readonly Series Market = new(1, TestSeries.Model());
    private static readonly Series Trades =
        new(2, new SeriesModel(TestSeries.Model("trades").Spec with { Overflow = OverflowPolicy.Omit }));

    [Fact]
    public void Sums_outside_their_type_are_logged_at_first_and_then_once_a_minute_by_series()
    {
        using var meters = new TestMeters();
        var (log, time) = (new LogRecorder(), new FakeTimeProvider());
        var report = new OverflowReport(new GrainMetrics(meters), time, new LoggerFactory([log]).CreateLogger<OverflowReport>());

        for (var i = 0; i < 100; i++) report.Report(Market, sums: 2);
        report.Report(Market, sums: 0);
        report.Report(Trades, sums: 1);
        Assert.Equal([Line(2, "market", "saturate"), Line(1, "trades", "omit")], log.Lines);

        time.Advance(TimeSpan.FromSeconds(61));
        report.Report(Market, sums: 0);
        Assert.Equal(2, log.Lines.Count);
        report.Report(Market, sums: 1);
        Assert.Equal(Line(199, "market", "saturate"), log.Lines[^1]);
    }

    private static string Line(int sums, string series, string policy) =>
        $"Warning 2515: {sums} sums in stored bars of series {series} were outside their type (overflow: {policy})";
}
