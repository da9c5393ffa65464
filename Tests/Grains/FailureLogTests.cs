using Microsoft.Extensions.Logging;
using Tikr.Grains.Buckets;
using Tikr.Grains.Recompute;
using Tikr.Storage;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Memory;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Grains;

public sealed class FailureLogTests
{
    [Fact]
    public async Task A_recompute_that_fails_is_one_line_with_the_innermost_cause_and_its_stack_is_for_debug_alone()
    {
        var log = new LogRecorder();
        var store = new MemoryStore(null, new SteppingTime(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000)));
        var series = (await store.OpenAsync([TestSeries.Model()], TestContext.Current.CancellationToken))[0];
        store.Faults.OnRead = _ => throw new StoreUnavailableException("The store is away.", new IOException("the cable is cut"));
        var asked = new RecomputeOnce(series, 1, 0, RecomputeCause.Query);

        await new RecomputeScan(store, store, log).RunAsync([asked], TestContext.Current.CancellationToken);

        var told = Assert.Single(log.Messages, message => message.Level > LogLevel.Debug);
        Assert.Equal((2501, null), (told.Id, told.Exception));
        Assert.EndsWith("until a retry succeeds: the cable is cut", told.Text, StringComparison.Ordinal);
        var origin = Assert.Single(log.Messages, message => message.Level == LogLevel.Debug);
        Assert.IsType<StoreUnavailableException>(origin.Exception);
    }
}
