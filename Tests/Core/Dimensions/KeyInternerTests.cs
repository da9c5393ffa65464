using System.Collections.Concurrent;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Tests.Core.Wire;

namespace Tikr.Tests.Core.Dimensions;

public sealed class KeyInternerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void One_object_per_set_whatever_the_number_of_threads()
    {
        var feed = new Feed();
        const int keys = 5_000;
        var seen = new ConcurrentDictionary<(string, string), InternedKey>();
        var ready = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            ready.SignalAndWait();
            for (var round = 0; round < 40; round++)
            {
                var message = feed.Decode(
                    [.. Enumerable.Range(0, 500).Select(_ => Feed.Tick($"S{random.Next(keys)}", $"V{random.Next(2)}"))]);
                for (var i = 0; i < message.Columns.Count; i++)
                {
                    var values = message.Keys[i].Dimensions.Values;
                    Assert.Same(message.Keys[i], seen.GetOrAdd((values[0], values[1]), message.Keys[i]));
                }

                message.Release();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(seen.Count, feed.Interner.Count);
    }

    [Fact]
    public void Interned_sets_and_decoded_ticks_share_their_keys()
    {
        var feed = new Feed();
        var key = feed.Interner.Intern(new DimensionSet(feed.Model.Spec, ["AAPL", "XNAS"]));
        Assert.Same(key, feed.Decode(Feed.Tick()).Keys[0]);
        Assert.Same(key, feed.Interner.Intern(new DimensionSet(feed.Model.Spec, ["AAPL", "XNAS"])));
    }

    [Fact]
    public void Idle_keys_go_and_the_used_stay()
    {
        var feed = new Feed();
        feed.DecodeResolved([.. Enumerable.Range(0, 50_000).Select(i => Feed.Tick($"S{i}"))]).Release();
        var kept = feed.Decode(Feed.Tick("S7")).Keys[0];
        feed.Time.Advance(Minute);
        Assert.Same(kept, feed.Decode(Feed.Tick("S7")).Keys[0]);
        feed.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(49_998, feed.Interner.EvictIdle(Minute, key => key.Dimensions.Values[0] == "S8"));
        Assert.Equal(2, feed.Interner.Count);
        Assert.Same(kept, feed.Decode(Feed.Tick("S7")).Keys[0]);
    }

    [Fact]
    public void A_key_that_comes_back_before_the_next_sweep_is_the_same_object()
    {
        var feed = new Feed();
        var key = feed.DecodeResolved(Feed.Tick()).Keys[0];
        feed.Time.Advance(Minute * 2);
        Assert.Equal(1, feed.Interner.EvictIdle(Minute, _ => false));
        Assert.Equal(0, feed.Interner.Count);
        Assert.Same(key, feed.Decode(Feed.Tick()).Keys[0]);
        feed.Time.Advance(Minute * 2);
        feed.Interner.EvictIdle(Minute, _ => false);
        feed.Time.Advance(TimeSpan.FromSeconds(2));
        feed.Interner.EvictIdle(Minute, _ => false);
        Assert.NotSame(key, feed.Decode(Feed.Tick()).Keys[0]);
    }

    [Fact]
    public void A_key_in_a_message_that_still_waits_for_its_flush_stays_the_same_object_however_long_that_takes()
    {
        var feed = new Feed();
        var waiting = feed.DecodeResolved(Feed.Tick());
        var key = waiting.Keys[0];
        feed.Time.Advance(Minute * 2);
        for (var sweep = 0; sweep < 10; sweep++)
        {
            feed.Interner.EvictIdle(Minute, _ => false, null, feed.Pool.Advance());
            feed.Time.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.Equal(0, feed.Interner.Count);
        var next = feed.Decode(Feed.Tick());
        Assert.Same(key, next.Keys[0]);

        waiting.Release();
        next.Release();
        feed.Time.Advance(Minute * 2);
        var forgotten = new List<InternedKey>();
        for (var sweep = 0; sweep < 4; sweep++)
        {
            feed.Interner.EvictIdle(Minute, _ => false, forgotten.Add, feed.Pool.Advance());
            feed.Time.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.Same(key, Assert.Single(forgotten));
        Assert.NotSame(key, feed.Decode(Feed.Tick()).Keys[0]);
    }

    [Fact]
    public void Memory_of_idle_keys_returns()
    {
        var feed = new Feed(capacity: 1_000_000);
        var gone = Fill(feed);
        feed.Time.Advance(Minute * 2);
        Assert.Equal(20_000, feed.Interner.EvictIdle(Minute, _ => false));
        feed.Time.Advance(Minute);
        feed.Interner.EvictIdle(Minute, _ => false);
        GC.Collect();
        Assert.All(gone, reference => Assert.False(reference.IsAlive));
        Assert.InRange(feed.Interner.Table.SlotCount, 1, 64);
    }

    [Fact]
    public void Raw_forms_of_a_key_are_bounded_and_still_found()
    {
        var names = Enumerable.Range(0, 5).Select(i => $"d{i}").ToArray();
        var feed = new Feed(Feed.Market(names));
        var random = new Random(3);
        InternedKey? key = null;
        for (var i = 0; i < 2_000; i++)
        {
            var order = names.ToArray();
            random.Shuffle(order);
            var found = feed.Decode(tick =>
            {
                tick.Number(1, Feed.Now);
                foreach (var name in order) tick.Dimension(name, "v" + name);
            }).Keys[0];
            key ??= found;
            Assert.Same(key, found);
        }

        Assert.Equal((1, KeyInterner.MaxAliases), (feed.Interner.Count, feed.Interner.AliasCount));
        feed.Time.Advance(Minute * 2);
        feed.Decode(tick =>
        {
            tick.Number(1, Feed.Now);
            foreach (var name in names) tick.Dimension(name, "v" + name);
        });
        Assert.Equal(0, feed.Interner.EvictIdle(Minute, _ => false));
        Assert.Equal((1, 0), (feed.Interner.Count, feed.Interner.AliasCount));
        Assert.Equal(0, key!.Aliases);
    }

    [Fact]
    public void A_full_interner_refuses_new_keys_and_knows_the_old()
    {
        var feed = new Feed(capacity: 3);
        var message = feed.DecodeResolved(Feed.Tick("A"), Feed.Tick("B"), Feed.Tick("C"), Feed.Tick("D"), Feed.Tick("A"));
        Assert.Equal((4, 1L), (message.Columns.Count, message.Rejections.Of(RejectionReasons.CardinalityLimit)));
        Assert.Equal(3, feed.Interner.Count);
        feed.Time.Advance(Minute * 2);
        feed.Interner.EvictIdle(Minute, key => key.Dimensions.Values[0] == "A");
        Assert.Equal(1, feed.Decode(Feed.Tick("D")).Columns.Count);
    }

    [Fact]
    public void Refused_keys_make_room_after_a_second()
    {
        var feed = new Feed(capacity: 2);
        foreach (var key in feed.Decode(Feed.Tick("A"), Feed.Tick("B")).Unresolved) key.Reject(RejectionReasons.CardinalityLimit);
        Assert.Equal(0, feed.Decode(Feed.Tick("C")).Columns.Count);
        feed.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, feed.Decode(Feed.Tick("C")).Columns.Count);
        Assert.Equal(1, feed.Interner.Count);
    }

    [Fact]
    public void Readers_and_writers_and_sweeps_at_once_never_mix_up_keys()
    {
        var feed = new Feed();
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, 3).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            for (var round = 0; round < 100; round++)
            {
                var symbols = Enumerable.Range(0, 200).Select(_ => $"{new string('L', random.Next(60))}{random.Next(3_000)}").ToArray();
                var message = feed.Decode([.. symbols.Select(symbol => Feed.Tick(symbol))]);
                if (!symbols.SequenceEqual(message.Keys.Take(message.Columns.Count).Select(key => key.Dimensions.Values[0])))
                {
                    failures.Enqueue(new InvalidOperationException("A tick came out under another key."));
                }

                if (number == 0) feed.Interner.EvictIdle(TimeSpan.FromMilliseconds(1), _ => random.Next(2) == 0);
                if (number == 0) feed.Time.Advance(TimeSpan.FromSeconds(1));
                foreach (var key in message.Unresolved) key.Resolve(1);
                message.Release();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }

    private static List<WeakReference> Fill(Feed feed)
    {
        var message = feed.DecodeResolved([.. Enumerable.Range(0, 20_000).Select(i => Feed.Tick($"S{i}"))]);
        var keys = message.Keys.Take(10).Select(key => new WeakReference(key)).ToList();
        message.Release();
        return keys;
    }
}
