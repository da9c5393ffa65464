using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Tikr.Gateway.Queries;

namespace Tikr.Tests.Gateway.Queries;

public sealed class RowWriterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScanThreads _threads = new(1);
    private readonly StuckClient _client = new();
    private readonly ScanPlace _place;
    private readonly RowWriter<string> _rows;

    public RowWriterTests()
    {
        _place = new ScanPlace(_time, static _ => { }, TestContext.Current.CancellationToken);
        _rows = new RowWriter<string>(_client, long.MaxValue, _place, _threads);
    }

    public void Dispose()
    {
        _place.Dispose();
        _threads.Dispose();
    }

    [Fact]
    public async Task A_client_that_takes_nothing_for_30_s_is_given_up()
    {
        var write = _rows.WriteAsync("row", TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(write.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<AnswerNotTakenException>(() => write);
    }

    [Fact]
    public async Task Who_waits_for_its_client_can_be_told_to_make_way()
    {
        var write = _rows.WriteAsync("row", TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), _place.Waited);

        _place.Cut();

        var cut = await Assert.ThrowsAsync<AnswerNotTakenException>(() => write);
        Assert.Contains("took nothing of its answer for 2 s", cut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_wait_the_scan_goes_on_on_a_thread_of_its_own()
    {
        var write = AnswerAsync();
        _client.Takes.SetResult();
        var thread = await write;

        // This runs there too, and must not end the threads from one of them.
        await Task.Yield();
        Assert.StartsWith("tikr scan", thread, StringComparison.Ordinal);

        async Task<string?> AnswerAsync()
        {
            await _rows.WriteAsync("row", TestContext.Current.CancellationToken).ConfigureAwait(false);
            return Thread.CurrentThread.Name;
        }
    }

    [Theory]
    [InlineData(10, 128)]
    [InlineData(4 * 1024, 4)]
    [InlineData(1 << 20, 1)]
    public async Task Large_rows_are_flushed_sooner(int rowBytes, int every)
    {
        _client.Takes.SetResult();
        _rows.RowBytes = rowBytes;
        for (var i = 1; i <= 2 * every; i++)
        {
            await _rows.WriteAsync("row", TestContext.Current.CancellationToken);
            Assert.Equal(i % every == 0 ? default : WriteFlags.BufferHint, _client.WriteOptions!.Flags);
        }
    }

    private sealed class StuckClient : IServerStreamWriter<string>
    {
        public TaskCompletionSource Takes { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(string message) => Takes.Task;
    }
}
