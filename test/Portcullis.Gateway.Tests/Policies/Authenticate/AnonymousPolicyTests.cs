using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

public sealed class AnonymousPolicyTests
{
    private static readonly AuthenticatePolicyKind Kind = new();

    private readonly PolicyBench bench = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_none_the_caller_is_nobody_whatever_credentials_are_sent(bool forward)
    {
        var route = bench.Route(Kind, new AuthenticateOptions { Methods = [AuthenticationMethod.None], ForwardAuthorization = forward });
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders.Authorization = "Bearer something";

        await PolicyBench.Run(route, exchange);

        Assert.Same(Caller.Anonymous, exchange.Caller);
        Assert.Equal(forward, exchange.ForwardAuthorization);
    }

    [Fact]
    public void None_beside_another_method_is_an_error_and_lets_nobody_in()
    {
        Assert.Empty(bench.Compile(Kind, new AuthenticateOptions { Methods = [AuthenticationMethod.Token, AuthenticationMethod.None] }));
        Assert.Single(bench.Errors);
    }

    [Fact]
    public void No_method_is_an_error()
    {
        Assert.Empty(bench.Compile(Kind, new AuthenticateOptions { Methods = [] }));
        Assert.Single(bench.Errors);
    }

    [Fact]
    public void A_token_without_any_issuer_is_an_error()
    {
        Assert.Empty(bench.Compile(Kind, new AuthenticateOptions { Methods = [AuthenticationMethod.Token] }));
        Assert.Single(bench.Errors);
    }
}
