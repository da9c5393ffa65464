using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Tikr.Gateway.Queries;

namespace Tikr.Tests.Gateway.Queries;

public sealed class RowWriterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScanThreads _threads = new(1);
    private readonly StuckClient _client = new();
    private readonly RowWriter<string> _rows;

    public RowWriterTests() => _rows = new RowWriter<string>(_client, long.MaxValue, _threads, _time);

    public void Dispose() => _threads.Dispose();

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
    public async Task After_a_wait_the_scan_goes_on_on_a_thread_of_its_own()
    {
        var write = AnswerAsync();
        _client.Takes.SetResult();
        Assert.StartsWith("tikr scan", await write, StringComparison.Ordinal);

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
