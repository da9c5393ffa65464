using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Tikr.Gateway.Queries;

/// <summary>
/// The threads on which queries read the store: the thread pool, which serves health and ingest, never waits for a scan. A query goes on
/// here whenever it has waited for its client.
/// </summary>
internal sealed class ScanThreads : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    public ScanThreads()
        : this(Math.Max(2, Environment.ProcessorCount))
    {
    }

    /// <param name="count">How many.</param>
    internal ScanThreads(int count)
    {
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Run) { Name = $"tikr scan {i}", IsBackground = true })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Awaited, goes on on one of the threads.</summary>
    public Switch Here() => new(this);

    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var next in _work.GetConsumingEnumerable()) next();
    }

    /// <summary>Moves an asynchronous method to the threads.</summary>
    internal readonly struct Switch(ScanThreads threads) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Switch GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        // While the server ends, what is left goes on where it can.
        public void UnsafeOnCompleted(Action continuation)
        {
            try
            {
                threads._work.Add(continuation);
            }
            catch (InvalidOperationException)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static next => next(), continuation, preferLocal: false);
            }
        }
    }
}
