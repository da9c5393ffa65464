using System.Buffers;
using System.Runtime.InteropServices;

namespace Tikr.Tests.Core.Wire;

/// <summary>
/// Memory with a forbidden page right behind its end and right before its start, so that a read out of bounds ends the test run instead of
/// going unnoticed. Elsewhere than on Linux it is ordinary memory.
/// </summary>
internal sealed unsafe partial class GuardedMemory : MemoryManager<byte>
{
    private const int Page = 4096, None = 0, ReadWrite = 3, PrivateAnonymous = 0x22;

    private readonly byte* _start;
    private readonly int _size;
    private int _length;

    public GuardedMemory(int size)
    {
        _size = (size + Page - 1) / Page * Page;
        if (!OperatingSystem.IsLinux())
        {
            _start = (byte*)NativeMemory.Alloc((nuint)_size);
            return;
        }

        var pages = Map(0, (nuint)_size + (2 * Page), ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, pages);
        Assert.Equal(0, Protect(pages, Page, None));
        Assert.Equal(0, Protect(pages + Page + _size, Page, None));
        _start = (byte*)pages + Page;
    }

    /// <summary>The bytes, ending where the forbidden page begins.</summary>
    public ReadOnlyMemory<byte> HoldAtEnd(ReadOnlySpan<byte> bytes)
    {
        _length = bytes.Length;
        bytes.CopyTo(GetSpan());
        return Memory[..bytes.Length];
    }

    public override Span<byte> GetSpan() => new(_start + _size - _length, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + _size - _length + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (OperatingSystem.IsLinux()) _ = Unmap((nint)_start - Page, (nuint)_size + (2 * Page));
        else NativeMemory.Free(_start);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
