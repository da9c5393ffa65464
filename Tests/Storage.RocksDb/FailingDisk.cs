using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>RocksDB's errors as a failing disk causes them.</summary>
internal static class FailingDisk
{
    public static RocksDbException Full() => Error("IO error: No space left on device: While appending to file: 000004.log");

    /// <summary>An error of this text.</summary>
    public static RocksDbException Error(string text) => new(Marshal.StringToCoTaskMemAnsi(text));
}
