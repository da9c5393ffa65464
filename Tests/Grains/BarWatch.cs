using System.Threading.Channels;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Grains;

/// <summary>Bars in the order they were stored.</summary>
internal sealed class BarWatch
{
    private readonly Channel<Bar> _stored = Channel.CreateUnbounded<Bar>();

    public void Stored(BarWrite write, Bar? before, Bar after) => _stored.Writer.TryWrite(after);

    /// <summary>The next bar that is stored.</summary>
    public async Task<Bar> NextAsync() => await _stored.Reader.ReadAsync(TestSilo.Deadline("a bar to be stored"));

    /// <summary>Whether a bar was stored that nobody has looked at.</summary>
    public bool IsEmpty => _stored.Reader.Count == 0;
}
