using System.IO.MemoryMappedFiles;

namespace Tikr.Tests.Fuzz.Driver;

/// <summary>The input being tried, in a file: an access outside of memory ends the process, and this is what is left.</summary>
internal sealed class RunningInput : IDisposable
{
    private const int Size = 1 << 16;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <param name="path">Holds the length in four bytes, little-endian, then the input.</param>
    public RunningInput(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Size);
        _view = _file.CreateViewAccessor();
    }

    public void Note(byte[] input)
    {
        var length = Math.Min(input.Length, Size - sizeof(int));
        _view.Write(0, length);
        _view.WriteArray(sizeof(int), input, 0, length);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
