using System.Buffers;
using Google.Protobuf;
using Tikr.Contracts;

namespace Tikr.Tests.Core.Wire;

public sealed class TickMessageTests
{
    [Theory]
    [InlineData(10, 1_000, false)]
    [InlineData(20_000, 1_000, false)]
    [InlineData(10, 1_000, true)]
    [InlineData(10, 1, false)]
    public void Nothing_is_allocated_once_keys_are_known(int keys, int ticks, bool shuffled)
    {
        var feed = new Feed();
        var random = new Random(7);
        var payloads = Enumerable.Range(0, 20).Select(_ => new ReadOnlySequence<byte>(Request(keys, ticks, shuffled, random))).ToArray();
        DecodeAll(feed, payloads);
        DecodeAll(feed, payloads);

        // The least of some rounds: what decoding allocates, it allocates in each, and what the runtime does on this thread now and then is
        // not ours.
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            DecodeAll(feed, payloads);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Refusing_allocates_for_samples_only()
    {
        var feed = new Feed();
        var random = new Random(7);
        var request = IngestRequest.Parser.ParseFrom(Request(10, 10_000, false, random));
        foreach (var tick in request.Ticks) tick.Dimensions.Remove(random.Next(2) == 0 ? "venue" : "symbol");
        ReadOnlySequence<byte>[] payload = [new(request.ToByteArray())];
        DecodeAll(feed, payload);
        var before = GC.GetAllocatedBytesForCurrentThread();
        DecodeAll(feed, payload);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);
    }

    [Fact]
    public void A_released_message_is_used_again_without_a_trace_of_its_past()
    {
        var feed = new Feed();
        var first = feed.Decode(Feed.Tick(), Feed.Tick(time: 0), Feed.Tick("B"));
        first.Release();
        Assert.True(feed.Pool.KeptTicks > 0);
        Assert.All(first.Keys, Assert.Null);
        var second = feed.Decode(Feed.Tick("C"));
        Assert.Same(first, second);
        Assert.Equal((1, 1, 0L, 0L), (second.Received, second.Columns.Count, second.Rejections.Total, second.UnknownFields));
        Assert.Equal("C", Assert.Single(second.Unresolved).Dimensions.Values[0]);
        Assert.Empty(second.Rejections.Samples);
        Assert.Equal(0, feed.Pool.KeptTicks);
    }

    [Fact]
    public void Releasing_twice_is_an_error()
    {
        var message = new Feed().Decode(Feed.Tick());
        message.Release();
        Assert.Throws<InvalidOperationException>(message.Release);
    }

    private static byte[] Request(int keys, int ticks, bool shuffled, Random random)
    {
        var message = new WireBytes().Text(1, "market");
        for (var i = 0; i < ticks; i++)
        {
            var symbol = $"S{random.Next(keys)}";
            Action<WireBytes>[] parts = [part => part.Dimension("symbol", symbol), part => part.Dimension("venue", "X"),
                part => part.Field("price", random.Next()), part => part.Field("quantity", 3)];
            if (shuffled) random.Shuffle(parts);
            message.Part(2, tick =>
            {
                tick.Number(1, Feed.Now);
                foreach (var part in parts) part(tick);
            });
        }

        return message.ToArray();
    }

    private static void DecodeAll(Feed feed, ReadOnlySequence<byte>[] payloads)
    {
        for (var i = 0; i < payloads.Length; i++)
        {
            var message = feed.Decoder.Decode(payloads[i]);
            for (var k = 0; k < message.Unresolved.Count; k++) message.Unresolved[k].Resolve(1);
            message.Release();
        }
    }
}
