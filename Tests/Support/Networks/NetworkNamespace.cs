using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tikr.Tests.Support.Networks;

/// <summary>A network namespace of Linux: addresses and connections of its own, as on a machine of its own.</summary>
public sealed partial class NetworkNamespace
{
    private const int CloneNewnet = 0x40000000, ReadOnlyCloseOnExec = 0x80000;

    internal NetworkNamespace(string name) => Name = name;

    /// <summary>What <c>ip netns</c> calls it.</summary>
    public string Name { get; }

    /// <summary>The command that runs a program in it, before the program.</summary>
    public IReadOnlyList<string> Runner => ["ip", "netns", "exec", Name];

    /// <summary>Runs an action in it. Sockets that it makes stay there, whichever thread uses them later.</summary>
    public T Run<T>(Func<T> action)
    {
        T result = default!;
        Exception? failure = null;
        // A thread of its own: it never comes back from there.
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = action();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException($"In network namespace {Name}: {failure.Message}", failure);
    }

    private void Enter()
    {
        var file = Open($"/run/netns/{Name}", ReadOnlyCloseOnExec);
        if (file < 0) throw new Win32Exception();
        var entered = SetNamespace(file, CloneNewnet);
        _ = Close(file);
        if (entered < 0) throw new Win32Exception();
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
