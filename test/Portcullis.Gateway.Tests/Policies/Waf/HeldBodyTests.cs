using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Portcullis.Gateway.Policies.Waf;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class HeldBodyTests
{
    private readonly Pipe rest = new();
    private readonly HeldBody body = new();

    [Fact]
    public async Task What_is_held_comes_first_and_then_what_follows()
    {
        Hold("held", isWhole: false);
        await Follow("more", isAll: true);

        Assert.Equal("heldmore", await ReadAllAsync());
    }

    [Fact]
    public async Task A_whole_body_ends_where_what_is_held_ends()
    {
        Hold("held", isWhole: true);

        var read = await body.ReadAsync();

        Assert.True(read.IsCompleted);
        Assert.Equal("held", Text(read));
        body.AdvanceTo(read.Buffer.End);
        read = await body.ReadAsync();
        Assert.True(read is { IsCompleted: true, Buffer.IsEmpty: true });
    }

    [Fact]
    public async Task Whoever_looks_and_does_not_take_sees_more_with_each_look()
    {
        Hold("held", isWhole: false);
        var read = await body.ReadAsync();
        Assert.Equal("held", Text(read));
        body.AdvanceTo(read.Buffer.Start, read.Buffer.End);

        await Follow("more");
        read = await body.ReadAsync();
        Assert.Equal("heldmore", Text(read));
        body.AdvanceTo(read.Buffer.Start, read.Buffer.End);

        await Follow("end", isAll: true);
        read = await body.ReadAsync();
        Assert.Equal("heldmoreend", Text(read));
        body.AdvanceTo(read.Buffer.GetPosition(6));

        Assert.Equal("reend", await ReadAllAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task It_can_be_taken_in_any_pieces(int size)
    {
        Hold("0123456789", isWhole: false);
        await Follow("abcdefghij", isAll: true);
        var whole = new StringBuilder();

        while (true)
        {
            var read = await body.ReadAsync();
            var piece = read.Buffer.Slice(0, Math.Min(size, read.Buffer.Length));
            whole.Append(Encoding.ASCII.GetString(piece.ToArray()));
            var isEnd = read.IsCompleted && piece.Length == read.Buffer.Length;
            body.AdvanceTo(piece.End);
            if (isEnd) break;
        }

        Assert.Equal("0123456789abcdefghij", whole.ToString());
    }

    [Fact]
    public async Task Nothing_of_it_is_given_out_once_the_exchange_is_over()
    {
        Hold("held", isWhole: true);
        body.Detach();

        Assert.Throws<InvalidOperationException>(() => body.TryRead(out _));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await body.ReadAsync());
    }

    private void Hold(string text, bool isWhole) => body.Attach(Encoding.ASCII.GetBytes(text), rest.Reader, isWhole);

    private async Task Follow(string text, bool isAll = false)
    {
        await rest.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));
        if (isAll) await rest.Writer.CompleteAsync();
    }

    private async Task<string> ReadAllAsync()
    {
        var whole = new StringBuilder();
        while (true)
        {
            var read = await body.ReadAsync();
            whole.Append(Text(read));
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return whole.ToString();
        }
    }

    private static string Text(ReadResult read) => Encoding.ASCII.GetString(read.Buffer.ToArray());
}
