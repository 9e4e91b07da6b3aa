using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Tests.Identity.Roles;

public sealed class PermissionPatternTests
{
    [Theory]
    [InlineData("orders:read", "orders:read", true)]
    [InlineData("orders:read", "Orders:read", false)]
    [InlineData("orders:*", "orders:read", true)]
    [InlineData("orders:*", "orders:lines:read", false)]
    [InlineData("orders:*", "orders", false)]
    [InlineData("orders:*", "order:read", false)]
    [InlineData("*:read", "orders:read", true)]
    [InlineData("*:read", "orders:write", false)]
    [InlineData("orders:*:read", "orders:lines:read", true)]
    [InlineData("orders:*:read", "orders:lines:write", false)]
    [InlineData("orders:read", "orders:*", false)]
    [InlineData("orders.v2:read", "ordersxv2:read", false)]
    public void A_star_stands_for_one_whole_word(string pattern, string permission, bool matches)
    {
        Assert.True(PermissionPattern.TryParse(pattern, out var parsed));
        Assert.Equal(matches, parsed.Matches(permission));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("orders")]
    [InlineData("orders:re*")]
    [InlineData("orders:**")]
    [InlineData("orders:")]
    [InlineData(":*")]
    [InlineData("orders::read")]
    [InlineData("orders: *")]
    [InlineData("orders:read\n")]
    [InlineData("ordérs:read")]
    public void What_is_no_permission_is_no_pattern(string text) => Assert.False(PermissionPattern.TryParse(text, out _));

    [Theory]
    [InlineData("orders:*", "*:read", true)]
    [InlineData("orders:*", "orders:read", true)]
    [InlineData("orders:*", "bills:*", false)]
    [InlineData("*:*", "a:b", true)]
    [InlineData("*:*", "a:b:c", false)]
    public void Two_patterns_overlap_where_one_permission_is_of_both(string left, string right, bool overlaps)
    {
        Assert.True(PermissionPattern.TryParse(left, out var first));
        Assert.True(PermissionPattern.TryParse(right, out var second));
        Assert.Equal(overlaps, first.Overlaps(second));
        Assert.Equal(overlaps, second.Overlaps(first));
    }
}
