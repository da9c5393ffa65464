using Tikr.Storage;

namespace Tikr.Tests.Storage.Timescale;

/// <summary>Several silos share the partitions of one outbox.</summary>
public sealed class OutboxSharingTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly int[] Wanted = [.. OutboxPartitions.AllOf(1, 8)];
    private readonly TimescaleHarness _first = new();
    private TimescaleHarness _second = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _first.OpenAsync(Market.Model());
        _second = _first.Another();
        await _second.OpenAsync(Market.Model());
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task A_newcomer_gets_an_even_share_and_nobody_holds_the_same()
    {
        Assert.Equal(Wanted, await _first.Outbox.HoldAsync("first", Wanted, Lease, Stop));
        Assert.Empty(await _second.Outbox.HoldAsync("second", Wanted, Lease, Stop));
        var first = await _first.Outbox.HoldAsync("first", Wanted, Lease, Stop);
        var second = await _second.Outbox.HoldAsync("second", Wanted, Lease, Stop);
        Assert.Equal((4, 4), (first.Count, second.Count));
        Assert.Equal(Wanted, first.Concat(second).Order());
    }

    [Fact]
    public async Task The_rest_of_a_silo_that_does_not_come_back_is_taken_over_when_its_lease_ends()
    {
        Assert.Equal(Wanted, await _first.Outbox.HoldAsync("first", Wanted, TimeSpan.FromMilliseconds(-1), Stop));
        Assert.Equal(Wanted, await _second.Outbox.HoldAsync("second", Wanted, Lease, Stop));
        Assert.Empty(await _first.Outbox.HoldAsync("first", Wanted, Lease, Stop));
    }

    [Fact]
    public async Task One_that_leaves_gives_its_share_up_at_once()
    {
        await _first.Outbox.HoldAsync("first", Wanted, Lease, Stop);
        await _first.Outbox.HoldAsync("first", null, Lease, Stop);
        Assert.Equal(Wanted, await _second.Outbox.HoldAsync("second", Wanted, Lease, Stop));
    }
}
