// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Ways of failing. A log that was emitted before a revert must never be seen by anyone.
contract Reverter {
    event Undone(uint256 value);
    event Survived(uint256 indexed value, bytes reason);

    error Refused(uint256 value);

    function failWithReason(string calldata reason) external pure {
        revert(reason);
    }

    function failWithError(uint256 value) external pure {
        revert Refused(value);
    }

    function failAfterLog(uint256 value) external {
        emit Undone(value);
        revert("undone");
    }

    /// The inner call emits and reverts; the outer call succeeds with its own log.
    function survive(uint256 value) external {
        try this.failAfterLog(value) {} catch (bytes memory reason) {
            emit Survived(value, reason);
        }
    }

    function exhaustGas() external pure {
        assembly {
            invalid()
        }
    }
}
