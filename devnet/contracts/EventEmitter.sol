// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Logs of every shape: no topic to four topics, anonymous, large, many, and misleading ones.
contract EventEmitter {
    event Bare(uint256 value) anonymous;
    event AnonymousFour(
        uint256 indexed a,
        uint256 indexed b,
        uint256 indexed c,
        uint256 indexed d
    ) anonymous;
    event One(uint256 value);
    event Two(uint256 indexed a, uint256 value);
    event Three(uint256 indexed a, uint256 indexed b, uint256 value);
    event Four(uint256 indexed a, uint256 indexed b, uint256 indexed c);
    event Payload(bytes content);
    event Counted(uint256 indexed series, uint256 indexed index, uint256 value);
    /// Has the topic of a token's Transfer, but none of its topics: not a token transfer.
    event Transfer(address from, address to, uint256 value);

    function emitTopics(uint256 topics, uint256 value) external {
        if (topics == 0) emit Bare(value);
        else if (topics == 1) emit One(value);
        else if (topics == 2) emit Two(value, value + 1);
        else if (topics == 3) emit Three(value, value + 1, value + 2);
        else if (topics == 4) emit Four(value, value + 1, value + 2);
        else emit AnonymousFour(value, value + 1, value + 2, value + 3);
    }

    function emitPayload(uint256 sizeBytes) external {
        emit Payload(new bytes(sizeBytes));
    }

    function emitMany(uint256 series, uint256 count) external {
        for (uint256 i = 0; i < count; i++) emit Counted(series, i, i * 31);
    }

    function emitMisleadingTransfer(address to, uint256 value) external {
        emit Transfer(msg.sender, to, value);
    }
}
