using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tikr.Core.Memory;
using Tikr.Gateway.Bounds;
using Tikr.Gateway.Hosting;
using Tikr.Gateway.Metrics;
using Tikr.Tests.Support;

namespace Tikr.Tests.Gateway.Bounds;

public sealed class MessageReaderTests : IDisposable
{
    private const int Large = 1_000_000, Own = 100_000;
    private readonly TestMeters _meters = new();
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPart _memory = new("undecoded", 2 * (Large + 5));
    private readonly MessageLimits _limits;
    private readonly List<MessageReader> _readers = [];

    public MessageReaderTests() => _limits = new MessageLimits(
        _memory, new GatewayOptions(),
        new Refusals(new GatewayMetrics(_meters), _time, NullLogger<Refusals>.Instance), _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _readers.ForEach(reader => reader.Dispose());
        _meters.Dispose();
    }

    [Fact]
    public async Task A_message_is_given_out_when_all_of_it_is_there_and_its_memory_is_given_back()
    {
        var (client, reader) = Open();
        await WriteAsync(client, Large, Large / 2);
        var read = reader.ReadAsync(Stop).AsTask();
        Assert.Equal((false, Large + 5), (read.IsCompleted, _memory.UsedBytes));

        await client.WriteAsync(new byte[Large / 2], Stop);

        var result = await read;
        Assert.Equal((Large + 5, 0), (result.Buffer.Length, _memory.UsedBytes));
        reader.AdvanceTo(result.Buffer.End);
        await client.CompleteAsync();
        Assert.True((await reader.ReadAsync(Stop)).IsCompleted);
    }

    [Fact]
    public async Task What_came_whole_takes_no_memory()
    {
        Assert.True(_memory.TryTake(_memory.LimitBytes));
        var (client, reader) = Open();
        await WriteAsync(client, Large, Large);

        Assert.Equal(Large + 5, (await reader.ReadAsync(Stop)).Buffer.Length);
    }

    [Theory]
    [InlineData(17 << 20, StatusCode.ResourceExhausted, "the message has 17825792 bytes: at most 2000010 (1.9 MB) are taken")]
    [InlineData(-1, StatusCode.ResourceExhausted, "the message has 4294967295 bytes")]
    public async Task A_message_that_is_too_large_is_rejected_by_its_header(int length, StatusCode code, string text)
    {
        var (client, reader) = Open();
        await WriteAsync(client, length, 0);
        await RejectedAsync(reader.ReadAsync(Stop).AsTask(), code, text);
    }

    [Fact]
    public async Task A_message_that_does_not_go_on_is_ended_after_ten_seconds()
    {
        var (client, reader) = Open();
        await WriteAsync(client, Large, Large - 40);
        var read = reader.ReadAsync(Stop).AsTask();
        Advance(9);
        Assert.False(read.IsCompleted);
        Advance(1);
        await RejectedAsync(read, StatusCode.DeadlineExceeded, "of a message of 1000005 bytes 999965 came");
        reader.Dispose();
        Assert.Equal(0, _memory.UsedBytes);
    }

    [Fact]
    public async Task A_message_that_trickles_is_ended_and_one_that_goes_on_is_not()
    {
        var (trickling, first) = Open();
        var (going, second) = Open();
        await WriteAsync(trickling, Large, 1);
        await WriteAsync(going, Large, 1);
        var trickle = first.ReadAsync(Stop).AsTask();
        var whole = second.ReadAsync(Stop).AsTask();
        for (var i = 0; i < 10; i++)
        {
            await trickling.WriteAsync(new byte[1000], Stop);
            await going.WriteAsync(new byte[MessageLimits.LeastBytes / 5], Stop);
            Advance(1);
        }

        await RejectedAsync(trickle, StatusCode.DeadlineExceeded, "too few of them within the last 10 s");
        Assert.False(whole.IsCompleted);
        await going.WriteAsync(new byte[Large - 1 - (10 * (MessageLimits.LeastBytes / 5))], Stop);
        Assert.Equal(Large + 5, (await whole).Buffer.Length);
    }

    [Fact]
    public async Task Who_stands_still_makes_way_for_who_waits_and_waiting_is_flow_control()
    {
        var (_, first) = await HalfSentAsync();
        Advance(2);
        Assert.True(_memory.TryTake(Large - 10));
        var (client, second) = await HalfSentAsync();
        Assert.True(_memory.HasWaiters);

        Advance(1);

        await RejectedAsync(first.Read, StatusCode.DeadlineExceeded, "within the last 1 s");
        first.Reader.Dispose();
        await client.WriteAsync(new byte[Large / 2], Stop);
        Assert.Equal(Large + 5, (await second.Read).Buffer.Length);
    }

    [Fact]
    public async Task A_connection_waits_with_one_message_only_and_not_for_ever()
    {
        Assert.True(_memory.TryTake(_memory.LimitBytes));
        var account = new ConnectionAccount(Own);
        var (_, first) = await HalfSentAsync(account);
        var (_, second) = await HalfSentAsync(account);
        await RejectedAsync(second.Read, StatusCode.ResourceExhausted, "there is no memory for a message of 1000005 bytes");
        Assert.False(first.Read.IsCompleted);

        Advance(11);

        await RejectedAsync(first.Read, StatusCode.ResourceExhausted, "there is no memory for a message of 1000005 bytes");
        Assert.False(_memory.HasWaiters);
    }

    [Fact]
    public async Task A_connection_always_has_room_of_its_own()
    {
        Assert.True(_memory.TryTake(_memory.LimitBytes));
        var (client, reader) = Open();
        await WriteAsync(client, Own - 5, 10);
        var read = reader.ReadAsync(Stop).AsTask();
        await client.WriteAsync(new byte[Own - 15], Stop);
        Assert.Equal(Own, (await read).Buffer.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1, 2 }, "the call ended within a message: 7 of 14 bytes came")]
    [InlineData(new byte[] { 0, 0 }, "the call ended within a message: 2 of at least 5 bytes came")]
    [InlineData(new byte[] { 7, 0, 0, 0, 1, 1 }, "must be 0 or 1")]
    public async Task What_is_no_message_is_an_invalid_argument(byte[] bytes, string text)
    {
        var (client, reader) = Open();
        await client.WriteAsync(bytes, Stop);
        await client.CompleteAsync();
        await RejectedAsync(ReadToEndAsync(reader), StatusCode.InvalidArgument, text);
    }

    private static async Task<ReadResult> ReadToEndAsync(MessageReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync(Stop);
            if (result.IsCompleted) return result;
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private async Task<(PipeWriter Client, (MessageReader Reader, Task<ReadResult> Read) Call)> HalfSentAsync(
        ConnectionAccount? account = null)
    {
        var (client, reader) = Open(account);
        await WriteAsync(client, Large, Large / 2);
        return (client, (reader, reader.ReadAsync(Stop).AsTask()));
    }

    private (PipeWriter Client, MessageReader Reader) Open(ConnectionAccount? account = null)
    {
        var pipe = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0));
        var reader = new MessageReader(pipe.Reader, account ?? new ConnectionAccount(Own), _limits);
        _readers.Add(reader);
        return (pipe.Writer, reader);
    }

    private static async Task WriteAsync(PipeWriter client, int announced, int sent)
    {
        var bytes = new byte[5 + sent];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), announced);
        await client.WriteAsync(bytes, Stop);
    }

    private static async Task RejectedAsync(Task<ReadResult> read, StatusCode code, string text)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => read.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        Assert.Equal(code, error.StatusCode);
        Assert.Contains(text, error.Status.Detail, StringComparison.Ordinal);
    }

    private void Advance(int seconds)
    {
        for (var i = 0; i < seconds; i++) _time.Advance(TimeSpan.FromSeconds(1));
    }
}
