using Tikr.Core.Memory;

namespace Tikr.Tests.Core.Memory;

public sealed class MemoryPartTests
{
    private readonly MemoryPart _part = new("messages", 100);

    [Fact]
    public void Takes_as_much_as_there_is()
    {
        Assert.True(_part.TryTake(60));
        Assert.False(_part.TryTake(41));
        Assert.True(_part.TryTake(40));
        _part.Return(60);
        Assert.Equal(40, _part.UsedBytes);
    }

    [Fact]
    public async Task Who_waits_is_served_in_turn_and_nobody_overtakes()
    {
        Assert.True(_part.TryTake(100));
        var large = _part.TakeAsync(80, TestContext.Current.CancellationToken);
        var small = _part.TakeAsync(10, TestContext.Current.CancellationToken);

        _part.Return(50);

        Assert.False(large.IsCompleted || small.IsCompleted || _part.TryTake(10));
        _part.Return(30);
        await large;
        Assert.False(small.IsCompleted);
        _part.Return(20);
        await small;
        Assert.Equal((90, false), (_part.UsedBytes, _part.HasWaiters));
    }

    [Fact]
    public async Task Who_gives_up_takes_nothing_and_makes_way()
    {
        Assert.True(_part.TryTake(50));
        using var end = new CancellationTokenSource();
        var large = _part.TakeAsync(80, end.Token);
        var small = _part.TakeAsync(10, TestContext.Current.CancellationToken);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        Assert.Equal(60, _part.UsedBytes);
    }

    [Fact]
    public async Task More_than_there_can_be_is_a_fault()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _part.TakeAsync(101, TestContext.Current.CancellationToken));
        Assert.Throws<InvalidOperationException>(() => _part.Return(1));
    }

    [Theory]
    [InlineData(64L << 20)]
    [InlineData(300L << 20)]
    [InlineData(17L << 30)]
    public void Parts_of_a_budget_are_within_it(long total)
    {
        var budget = new MemoryBudget(total);
        var others = budget.Parts.Where(part => part != budget.Scans).Sum(part => part.LimitBytes);
        Assert.Equal(total, others + budget.WindowBytes + budget.UncommittedBytes + (total / 8));
        Assert.True(budget.Scans.LimitBytes / budget.ScanBytes >= 16 && budget.WindowOf(1024) >= 65_535);
    }
}
