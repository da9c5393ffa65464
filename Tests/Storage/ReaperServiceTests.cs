using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tikr.Storage;
using Tikr.Storage.Reaping;
using Tikr.Tests.Support;

namespace Tikr.Tests.Storage;

public sealed class ReaperServiceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Sizes_are_checked_every_ten_seconds_and_expiry_every_ten_minutes_whatever_fails()
    {
        var store = new Recorder { Fails = true };
        var logs = new LogRecorder();
        using var service = new ReaperService([store], _time, new LoggerFactory([logs]).CreateLogger<ReaperService>());
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (var call = 1; call <= 130; call++)
        {
            _time.Advance(ReaperService.SizePeriod);
            await store.Called.WaitAsync(TestContext.Current.CancellationToken);
        }

        Assert.InRange(logs.Messages.Count, 21, 22);
        Assert.All(logs.Messages, message => Assert.Null(message.Exception));
        Assert.Equal(3, store.Reaps);
        Assert.Equal(127, store.Checks);
        await service.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Nothing_expires_before_recovery_has_had_its_first_round()
    {
        var (store, gate) = (new Recorder(), new RecoveryGate());
        using var service = new ReaperService([store], _time, NullLogger<ReaperService>.Instance, gate);
        await service.StartAsync(TestContext.Current.CancellationToken);
        for (var call = 1; call <= 100; call++)
        {
            if (call == 80) gate.Open();
            _time.Advance(ReaperService.SizePeriod);
            await store.Called.WaitAsync(TestContext.Current.CancellationToken);
            Assert.Equal((call < 80 ? call : call - 1, call < 80 ? 0 : 1), (store.Checks, store.Reaps));
        }

        await service.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_store_that_expires_its_data_itself_is_left_alone()
    {
        using var service = new ReaperService([new SelfExpiring()], _time, NullLogger<ReaperService>.Instance);
        await service.StartAsync(TestContext.Current.CancellationToken);
        await service.ExecuteTask!;
        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
    }

    private class Recorder : IReapable
    {
        public SemaphoreSlim Called { get; } = new(0);

        public bool Fails { get; init; }

        public int Reaps { get; private set; }

        public int Checks { get; private set; }

        public ValueTask ReapAsync(long nowNs, CancellationToken cancellation)
        {
            Reaps++;
            return Answer();
        }

        public ValueTask EnforceLimitsAsync(CancellationToken cancellation)
        {
            Checks++;
            return Answer();
        }

        private ValueTask Answer()
        {
            Called.Release();
            return Fails ? throw new StoreUnavailableException("not now") : ValueTask.CompletedTask;
        }
    }

    private sealed class SelfExpiring : Recorder, ITtlSupport;
}
