// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What the workshops build.
contract Leaf {
    address public immutable maker;
    uint256 public immutable mark;

    constructor(uint256 value) {
        maker = msg.sender;
        mark = value;
    }
}

/// A factory inside the factory: one leaf by CREATE, one by CREATE2.
contract Workshop {
    event LeafMade(address indexed leaf, bytes32 salt);

    function make(bytes32 salt) external returns (address plain, address salted) {
        plain = address(new Leaf(uint256(salt)));
        emit LeafMade(plain, 0);
        salted = address(new Leaf{salt: salt}(uint256(salt)));
        emit LeafMade(salted, salt);
    }
}

/// One call of `build` creates contracts at two depths: a workshop, and two leaves by the workshop.
contract Factory {
    event WorkshopMade(address indexed workshop);

    function build(bytes32 salt) external returns (address workshop) {
        Workshop made = new Workshop();
        workshop = address(made);
        emit WorkshopMade(workshop);
        made.make(salt);
    }

    /// Creates at two depths, then fails: no creation and no log of it may remain.
    function buildAndFail(bytes32 salt) external {
        new Workshop().make(salt);
        revert("built in vain");
    }

    /// The inner build fails and is caught: only the outer workshop remains.
    function buildDespiteFailure(bytes32 salt) external {
        emit WorkshopMade(address(new Workshop()));
        try this.buildAndFail(salt) {} catch {}
    }
}
