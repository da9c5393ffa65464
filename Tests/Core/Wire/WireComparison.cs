using System.Buffers;
using Tikr.Contracts;
using Tikr.Core.Ingest;

namespace Tikr.Tests.Core.Wire;

/// <summary>The wire reader beside the generated parser.</summary>
internal static class WireComparison
{
    /// <summary>
    /// Decodes a message by both. What the generated parser takes must be taken alike; what it refuses must be refused, but for text that
    /// is not UTF-8, of which only the tick is rejected.
    /// </summary>
    public static void Compare(Feed feed, byte[] bytes, Random random)
    {
        IngestRequest? theirs = null;
        try
        {
            theirs = IngestRequest.Parser.ParseFrom(bytes);
        }
        catch (Exception refused) when (refused is Google.Protobuf.InvalidProtocolBufferException or InvalidOperationException)
        {
            // Compared below.
        }

        using var memory = new GuardedMemory(bytes.Length + 1);
        var held = memory.HoldAtEnd(bytes);
        var cuts = Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(bytes.Length + 1)).ToArray();
        var message = feed.Decoder.Decode(random.Next(2) == 0 ? new ReadOnlySequence<byte>(held) : Pieces.Cut(held, cuts));
        Assert.Equal(bytes.Length, message.PayloadBytes);
        if (message.Malformed is not null)
        {
            Assert.True(theirs is null || message.Malformed.Contains("wire type 6 or 7", StringComparison.Ordinal), message.Malformed);
            Assert.Equal((0, 0, 0L), (message.Received, message.Columns.Count, message.Rejections.Total));
        }
        else if (theirs is null)
        {
            Assert.True(message.Rejections.Of(RejectionReasons.InvalidUtf8) + message.Rejections.Of(RejectionReasons.UnknownSeries) > 0
                || message.Received == 0);
        }
        else
        {
            Expectation.Of(theirs, feed.Model, Feed.Now, feed.Series.EarliestNs).Check(message);
        }

        if (random.Next(2) == 0)
        {
            foreach (var key in message.Unresolved) key.Resolve(1);
        }

        message.Release();
    }
}
